// The live card of one job, or of a batch. It draws the state that card_state.py or batch_state.py makes and knows nothing
// else of the job. All it adds is what must work while no state comes: the clock that ticks, the two steps of Cancel, the
// notice that the kernel is gone, and that the end is told where nobody looks. Its parts are in the other files of the
// module, which stand before this one.

function build(el) {
  const card = element(el, "qjob-card", { role: "group" });
  const header = element(card, "qjob-header");
  const phase = element(card, "qjob-phase");
  const parts = {
    card,
    title: element(header, "qjob-title"),
    status: element(header, "qjob-status"),
    facts: element(card, "qjob-quiet"),
    now: element(phase, "qjob-now"),
    amount: element(phase, "qjob-quiet"),
  };
  card.append(phase); // below the facts
  parts.clock = clock(element(parts.now, "qjob-what", {}, "span"), element(parts.now, "qjob-quiet", {}, "span"));
  parts.track = element(card, "qjob-track", { role: "progressbar", "aria-label": "shots", "aria-valuemin": "0" });
  parts.done = element(parts.track, "qjob-done");
  parts.timing = element(card, "qjob-timing qjob-quiet");
  parts.eta = element(parts.timing, "qjob-eta", {}, "span");
  parts.steps = element(parts.timing, "qjob-steps", {}, "span");
  parts.batch = batchParts(card);
  parts.jobs = batchJobs(card);
  parts.setback = element(card, "qjob-quiet qjob-setback");
  parts.failure = element(card, "qjob-failure");
  parts.reason = element(parts.failure, "qjob-reason");
  parts.remedy = element(parts.failure, "qjob-remedy");
  parts.histogram = histogram(card);
  parts.more = element(card, "qjob-quiet");
  parts.remark = element(card, "qjob-quiet qjob-remark");
  parts.notice = element(card, "qjob-notice", { hidden: "" });
  parts.footer = element(card, "qjob-footer");
  parts.back = element(parts.footer, "qjob-quiet");
  parts.page = element(parts.footer, "qjob-page qjob-quiet", { target: "_blank", rel: "noopener" }, "a");
  parts.buttons = element(parts.footer, "qjob-buttons");
  parts.confirm = button(parts.buttons, "qjob-confirm");
  parts.bell = button(parts.buttons, "qjob-bell");
  parts.form = button(parts.buttons, "qjob-again");
  parts.cancel = button(parts.buttons, "qjob-cancel");
  parts.host = element(card, "qjob-form-host", { hidden: "" });
  parts.spoken = element(card, "qjob-unseen", { role: "status", "aria-live": "polite" });
  return parts;
}

// The link to the page of the job, which needs no kernel, where the front end tells where the server is.
function pageLink(link, path) {
  const url = path ? onServer(path) : null;
  link.hidden = !url;
  if (!url) return;
  link.href = url.href;
  link.textContent = "Page";
  link.title = "Watch it on a page of its own";
}

function render({ model, el }) {
  const parts = build(el);
  const say = (text) => writeOrHide(parts.notice, text);
  const cancel = cancelButton(parts.cancel, model, say);
  const confirm = confirmButton(parts.confirm, model, say);
  const form = formButton(parts.form, parts.host, model, say);
  const bell = bellButton(parts.bell, model);
  pageLink(parts.page, model.get("page_url"));
  let gone = false; // the kernel

  const draw = (fresh) => {
    const state = model.get("state");
    const { title, status, done, shots } = state;
    parts.card.dataset.status = status;
    parts.card.setAttribute("aria-label", `qjob ${title}`);
    write(parts.title, title);
    write(parts.status, state.heading ?? status);
    write(parts.facts, state.facts.join(" · "));
    parts.clock.show(state, fresh);
    parts.now.title = state.worker ?? "";
    writeOrHide(parts.setback, state.setback);
    write(parts.amount, done && !state.ended ? `${number(done)} of ${number(shots)} ${state.unit ?? "shots"}` : "");
    parts.batch(state);
    parts.jobs(state);
    // a batch has a bar of its own
    parts.track.hidden = state.ended || status === "INITIALIZING" || Boolean(state.parts);
    // what has a remark while it runs is held up: nothing moves
    parts.track.classList.toggle("qjob-busy", status === "RUNNING" && !done && !state.remark);
    parts.track.setAttribute("aria-valuemax", shots);
    if (done) parts.track.setAttribute("aria-valuenow", done);
    writeOrHide(parts.eta, state.eta);
    writeOrHide(parts.steps, state.steps);
    parts.timing.hidden = !state.eta && !state.steps;
    parts.done.style.width = `${(100 * done) / shots}%`;
    parts.failure.hidden = !state.reason;
    write(parts.reason, state.reason ?? "");
    writeOrHide(parts.remedy, state.remedy);
    parts.histogram(state);
    writeOrHide(parts.more, state.more);
    writeOrHide(parts.remark, state.remark);
    parts.back.replaceChildren();
    state.back.forEach((line) => (element(parts.back, "qjob-code", {}, "code").textContent = line));
    parts.footer.hidden = false;
    confirm.show(state);
    cancel.show(state);
    form.show();
    parts.bell.hidden = state.ended;
    const said = new Set([status.toLowerCase(), state.phase]); // of a batch they may be the same
    write(parts.spoken, `${title}: ${[...said].join(", ")}`);
  };

  const kernelGone = () => {
    const { ended, status, back, noun, durable } = model.get("state");
    if (ended) return; // nothing more is to come
    gone = true;
    parts.clock.stop();
    confirm.ready();
    cancel.ready();
    parts.track.hidden = true;
    parts.card.dataset.status = "";
    write(parts.status, `last seen ${status}`);
    const goes = durable ? "goes on without it" : "goes on elsewhere or has ended";
    say(`Kernel restarted; the ${noun ?? "job"} ${goes}. Run `);
    element(parts.notice, "qjob-code", {}, "code").textContent = back[0];
    parts.footer.hidden = true;
    write(parts.spoken, parts.notice.textContent);
  };

  model.on("change:state", () => {
    if (gone || !model.get("state").cancellable) say(""); // what it said is no longer so
    gone = false;
    draw(true);
  });
  // anywidget calls back with its view; where that is not so, the event can only be the loss of the kernel
  model.on("comm_live_update", function () {
    if (this?.model?.comm_live !== true) kernelGone();
  });
  // Where there is no kernel, it may be the server that is gone: what is shown is then how it stood.
  const lost = () => {
    if (!model.get("lost")) return say("");
    parts.clock.stop();
    parts.track.classList.remove("qjob-busy");
    parts.card.dataset.status = "";
    write(parts.status, `last seen ${model.get("state").status}`);
  };
  model.on("change:lost", lost);
  model.on("change:notify", bell);
  model.on("msg:custom", (message) => {
    if (message.type !== "refused") return;
    cancel.refused();
    confirm.ready();
    form.show();
    say(message.text);
  });
  draw(false);
  // a widget from a saved notebook, without the kernel that made it
  if (el.closest(".jupyter-widgets-disconnected")) kernelGone();
  return () => {
    parts.clock.stop();
    confirm.ready();
    cancel.ready(); // ends its timers and its listener
    form.end();
    model.off("change:notify", bell);
    model.off("change:lost", lost);
  };
}

// Said as soon as the page has the widget, whether or not it is in sight: a front end without widgets says nothing,
// and gets the same as plain HTML.
function initialize({ model }) {
  model.send({ type: "here" });
  return watchForEnd(model);
}

export default { initialize, render };
