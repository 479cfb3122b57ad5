// The explorer: asks the kernel for pages and shows what comes. All it adds is what must work while nothing comes:
// the notice that the kernel is busy, or gone.

const BUSY = "The kernel is busy; this goes on when it is free.";

function render({ model, el }) {
  const root = focusable(element(el, "qjobx", { role: "region", "aria-label": "qjob results explorer" }));
  let asked = 0;
  let turning = null; // the row to go to on the page that was asked for
  let patience = 0;

  const send = (message) => {
    asked += 1;
    clearTimeout(patience);
    patience = setTimeout(() => say(BUSY), PATIENCE);
    model.send({ ask: asked, ...message });
    return asked;
  };
  const heard = () => {
    clearTimeout(patience);
    if (notice.textContent === BUSY) say("");
  };
  const ask = (go, wanted = model.get("wanted")) => {
    root.classList.add("qjobx-waiting");
    say(""); // what it says is about what was asked before
    expected = send({ type: "ask", go, wanted });
  };
  let expected = 0;

  const controls = filters(root, model.get("choices"), (wanted) => {
    model.set("wanted", wanted);
    model.save_changes();
    ask("first", wanted);
  });
  const notice = element(root, "qjobx-notice", { role: "status", "aria-live": "polite", hidden: "" });
  const say = (text, bad = false) => {
    writeOrHide(notice, text);
    notice.classList.toggle("qjobx-bad", bad);
  };
  const table = jobTable(root, {
    turn: (go, row) => {
      turning = row;
      ask(go);
    },
    open: (id) => send({ type: "open", ids: [id] }),
    sort: (order) => controls.sort(order),
    selection: (chosen) => picked.show(chosen),
    unseen: (jobs) => picked.unseen(jobs),
  });
  const picked = actions(root, say, send);
  picked.onClear(() => table.clear());

  const foot = element(root, "qjobx-line qjobx-foot");
  const place = element(foot, "qjobx-place", { "aria-live": "polite" });
  const turns = element(foot, "qjobx-turns", { role: "group", "aria-label": "Pages" });
  const first = button(turns, "", "First", () => ask("first"));
  const previous = button(turns, "", "Previous", () => ask("previous"));
  const next = button(turns, "", "Next", () => ask("next"));
  const sums = element(root, "qjobx-quiet qjobx-sums");
  const upkeep = element(root, "qjobx-upkeep");
  const last = element(upkeep, "qjobx-line qjobx-foot");
  const disk = element(last, "qjobx-quiet qjobx-disk");
  const clean = element(last, "qjobx-turns", { role: "group", "aria-label": "Disk and notebook" });
  const older = element(clean, "qjobx-labelled", {}, "label");
  element(older, "", {}, "span").textContent = "older than";
  const age = input(older, "qjobx-age", "How long ago jobs ended that are erased", { value: "90d", size: "5" });
  const erase = button(clean, "", "Erase old…", () => picked.gc(age.value, upkeep));
  const keep = button(clean, "", "Keep as table", () => send({ type: "keep" }));
  keep.title = "Replace the explorer by the page it shows, as a table that stays in the saved notebook";
  erase.title = "Erase programs and results of jobs that ended so long ago; times and money stay";

  const drawPage = (fresh) => {
    const page = model.get("page");
    if (fresh && page.ask >= expected) root.classList.remove("qjobx-waiting");
    table.show(page, model.get("wanted").sort, fresh);
    if (turning !== null && page.ask >= expected) {
      table.focus(turning < 0 ? page.rows.length - 1 : turning);
      turning = null;
    }
    disable(first, page.number === 0);
    disable(previous, page.number === 0);
    disable(next, !page.more);
    drawPlace();
  };
  const drawPlace = () => {
    const page = model.get("page");
    const { jobs } = model.get("totals");
    const end = page.first + page.rows.length - 1;
    const of = jobs === undefined ? "" : ` of ${number(Math.max(jobs, end))}`;
    write(place, page.rows.length ? `${number(page.first)} to ${number(end)}${of}` : "");
  };
  const drawTotals = () => {
    const { jobs, statuses, spent, held, shots } = model.get("totals");
    controls.count(statuses ?? {});
    drawPlace();
    if (jobs === undefined) return write(sums, "adding up…");
    const said = [`${number(jobs)} ${jobs === 1 ? "job" : "jobs"}`];
    for (const [status, count] of Object.entries(statuses)) said.push(`${number(count)} ${status.toLowerCase()}`);
    said.push(`${number(shots)} shots`, spent ? `${spent} spent` : "nothing spent", ...(held ? [`${held} held`] : []));
    write(sums, said.join(" · "));
  };

  const kernelGone = () => {
    clearTimeout(patience);
    table.stop();
    picked.close();
    root.classList.remove("qjobx-waiting");
    root.classList.add("qjobx-gone");
    for (const node of root.querySelectorAll(".qjobx-filters, .qjobx-actions, .qjobx-foot, .qjobx-table")) {
      node.inert = true;
    }
    say("Kernel restarted; this is what was shown last. Run ", true);
    element(notice, "qjobx-typed", {}, "code").textContent = "%load_ext qjob";
    notice.append(" and ");
    element(notice, "qjobx-typed", {}, "code").textContent = model.get("page").line ?? "%qjob explore";
    notice.append(" to go on.");
  };

  model.on("change:page", () => drawPage(true));
  model.on("change:totals", drawTotals);
  model.on("change:disk", () => write(disk, model.get("disk")));
  model.on("change:opened", () => table.mark(model.get("opened")));
  model.on("msg:custom", (message) => {
    if (message.type === "plan") picked.plan(message);
    if (message.type === "done") picked.done(message);
    if (message.type === "heard") heard();
    if (message.type === "refused") {
      root.classList.remove("qjobx-waiting");
      picked.refused(message);
    }
  });
  model.on("comm_live_update", function () {
    if (this?.model?.comm_live !== true) kernelGone();
  });
  controls.show(model.get("wanted"));
  drawPage(false);
  drawTotals();
  table.mark(model.get("opened"));
  write(disk, model.get("disk"));
  if (el.closest(".jupyter-widgets-disconnected")) kernelGone();
  return () => {
    clearTimeout(patience);
    controls.stop();
    picked.stop();
    table.stop();
  };
}

export default { render };
