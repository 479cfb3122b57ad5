// The table: rows that keep their nodes from page to page, a keyboard's way through them, and what is selected.

const TICK = 250; // ms between two steps of a running job's clock
const ORDERS = { created: ["newest", "oldest"], ran: ["run_time"], cost: ["cost"], shots: ["shots"] };
const COLUMNS = [
  ["status", "Status"],
  ["name", "Name"],
  ["backend", "Backend"],
  ["shots", "Shots"],
  ["created", "Created"],
  ["ran", "Run time"],
  ["cost", "Cost"],
  ["mode", "Mode"],
  ["tags", "Tags"],
];

function jobTable(parent, { turn, open, sort, selection, unseen }) {
  const frame = element(parent, "qjobx-frame");
  const table = element(frame, "qjobx-table", { role: "grid", "aria-label": "Jobs", "aria-multiselectable": "true" }, "table");
  const head = element(element(table, "", {}, "thead"), "", {}, "tr");
  const all = checkbox(element(head, "qjobx-check", {}, "th"), "Select all on this page");
  const headings = new Map();
  for (const [key, text] of COLUMNS) {
    const cell = element(head, `qjobx-${key}`, { scope: "col" }, "th");
    if (!ORDERS[key]) {
      cell.textContent = text;
      continue;
    }
    const press = button(cell, "qjobx-heading", text, () => {
      const [down, up] = ORDERS[key];
      sort(up && order === down ? up : down);
    });
    element(press, "qjobx-arrow", { "aria-hidden": "true" }, "span");
    headings.set(key, { cell, press });
  }
  const body = element(table, "", {}, "tbody");
  const empty = element(frame, "qjobx-empty", { hidden: "" });
  const chosen = new Set();
  let rows = [];
  let page = { rows: [] };
  let opened = [];
  let order = "newest";
  let active = 0; // the row that takes part in the order of Tab
  let skew = 0;
  let timer = 0;

  function checkbox(cell, label) {
    return focusable(element(cell, "", { type: "checkbox", "aria-label": label }, "input"));
  }

  function add() {
    const node = focusable(element(body, "qjobx-row", { tabindex: "-1" }, "tr"));
    const box = checkbox(element(node, "qjobx-check", {}, "td"), "");
    box.tabIndex = -1;
    const cells = Object.fromEntries(COLUMNS.map(([key]) => [key, element(node, `qjobx-${key}`, {}, "td")]));
    const row = { node, box, cells, job: null };
    element(cells.status, "qjobx-dot", { "aria-hidden": "true" }, "span");
    row.status = element(cells.status, "qjobx-word", {}, "span");
    row.share = element(cells.status, "qjobx-share", {}, "span");
    row.name = element(cells.name, "qjobx-title", {}, "span");
    row.also = element(cells.name, "qjobx-also", {}, "span");
    box.addEventListener("click", (event) => {
      event.stopPropagation();
      pick(row, box.checked);
    });
    node.addEventListener("click", () => {
      if (window.getSelection()?.toString()) return; // text is being copied
      focus(rows.indexOf(row));
      open(row.job.id);
    });
    node.addEventListener("focus", () => setActive(rows.indexOf(row)));
    return row;
  }

  function fill(row, job) {
    row.job = job;
    row.node.dataset.status = job.status;
    row.node.classList.toggle("qjobx-opened", opened.includes(job.id));
    write(row.status, job.status.toLowerCase());
    row.cells.status.title = job.status.toLowerCase();
    write(row.share, job.share === undefined ? "" : `${Math.floor(100 * job.share)}\u00a0%`);
    write(row.name, job.name || job.id.slice(0, 8));
    row.name.classList.toggle("qjobx-unnamed", !job.name);
    row.cells.name.title = `${job.name ? `${job.name}, ` : ""}${job.id}`;
    write(row.cells.backend, job.backend);
    row.cells.backend.title = job.backend;
    write(row.cells.shots, number(job.shots));
    write(row.cells.created, localTime(job.created));
    row.cells.created.title = utcTime(job.created);
    write(row.cells.cost, job.cost);
    row.cells.cost.title = job.cost;
    write(row.cells.mode, job.mode);
    const tags = [...job.tags, ...(job.more ? [`${job.more} more`] : [])];
    chips(row.cells.tags, tags);
    // where columns have no room (see explorer.css), their contents stand below the name
    chips(row.also, [job.backend, ...(job.mode === "direct" ? [] : [job.mode]), ...tags]);
    row.box.checked = chosen.has(job.id);
    row.box.setAttribute("aria-label", `Select ${job.name || job.id.slice(0, 8)}`);
    row.node.setAttribute("aria-selected", String(chosen.has(job.id)));
  }

  function chips(cell, texts) {
    const text = texts.join("\n");
    if (cell.dataset.text === text) return;
    cell.dataset.text = text;
    cell.replaceChildren();
    for (const each of texts) element(cell, "qjobx-tagged", { title: each }, "span").textContent = each;
  }

  function pick(row, on) {
    if (on) chosen.add(row.job.id);
    else chosen.delete(row.job.id);
    mark();
    selection(chosen);
  }

  function mark() {
    for (const row of rows) {
      row.box.checked = chosen.has(row.job.id);
      row.node.setAttribute("aria-selected", String(row.box.checked));
      row.node.classList.toggle("qjobx-opened", opened.includes(row.job.id));
    }
    const here = rows.filter((row) => chosen.has(row.job.id)).length;
    all.checked = here > 0 && here === rows.length;
    all.indeterminate = here > 0 && here < rows.length;
    unseen(chosen.size - here);
  }

  all.addEventListener("change", () => {
    for (const row of rows) {
      if (all.checked) chosen.add(row.job.id);
      else chosen.delete(row.job.id);
    }
    mark();
    selection(chosen);
  });

  function setActive(place) {
    active = Math.max(0, Math.min(place, rows.length - 1));
    rows.forEach((row, i) => (row.node.tabIndex = i === active ? 0 : -1));
  }
  function focus(place) {
    setActive(place);
    rows[active]?.node.focus();
  }

  body.addEventListener("keydown", (event) => {
    const moves = {
      ArrowDown: () => (active + 1 < rows.length ? focus(active + 1) : page.more && turn("next", 0)),
      ArrowUp: () => (active > 0 ? focus(active - 1) : page.number > 0 && turn("previous", -1)),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      PageDown: () => page.more && turn("next", active),
      PageUp: () => page.number > 0 && turn("previous", active),
      Enter: () => open(rows[active].job.id),
      " ": () => pick(rows[active], !chosen.has(rows[active].job.id)),
    };
    if (!moves[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target !== rows[active]?.node) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  });

  function tick() {
    const now = Date.now() / 1000 - skew;
    for (const { job, cells } of rows) {
      const goes = job.began !== null && !job.ended;
      const seconds = goes ? Math.max(0, now - job.began) : job.ran;
      write(cells.ran, seconds === null ? "" : goes && seconds < 60 ? `${seconds.toFixed(0)} s` : span(seconds));
    }
  }

  return {
    focus,
    get had() {
      return body.contains(document.activeElement);
    },
    clear() {
      chosen.clear();
      mark();
      selection(chosen);
    },
    mark(ids) {
      opened = ids;
      mark();
    },
    stop: () => clearInterval(timer),
    show(next, sorted, fresh) {
      const held = body.contains(document.activeElement) ? rows[active]?.job.id : null;
      page = next;
      order = sorted;
      const ahead = Date.now() / 1000 - page.now;
      skew = fresh ? ahead : Math.min(0, ahead);
      while (rows.length > page.rows.length) rows.pop().node.remove();
      while (rows.length < page.rows.length) rows.push(add());
      page.rows.forEach((job, i) => fill(rows[i], job));
      empty.hidden = page.rows.length > 0;
      write(empty, page.rows.length ? "" : "No jobs match.");
      const follows = page.rows.findIndex((job) => job.id === held);
      if (follows >= 0 && follows !== active) focus(follows); // a new job has moved it down
      else setActive(active);
      for (const [key, { cell, press }] of headings) {
        const at = ORDERS[key].indexOf(order);
        const up = order === "oldest";
        if (at < 0) cell.removeAttribute("aria-sort");
        else cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        write(press.lastChild, at < 0 ? "" : up ? "▲" : "▼");
      }
      mark();
      tick();
      clearInterval(timer);
      if (page.rows.some((job) => job.began !== null && !job.ended)) timer = setInterval(tick, TICK);
    },
  };
}
