// The live card of one job, or of a batch (whose own parts are in batch.js, which stands before this in the same
// module). It draws the state that card_state.py or batch_state.py makes and knows nothing else of the job. All it
// adds is what must work while no state comes: the clock that ticks, the two steps of Cancel, and the notice that
// the kernel is gone.

const DISARM = 5000; // ms after which an armed Cancel button goes back (also in card.css)
const PATIENCE = 400; // ms the kernel gets to act on a cancel before the server is asked as well
const GIVE_UP = 6000; // ms without any effect after which the card says so
const TICK = 100; // ms
const SETTLE = 1500; // milliseconds between two orderings of the rows of a running job
const MOVE = { duration: 250, easing: "ease-out" };

const number = (value) => value.toLocaleString("en-US");
const percent = (share, digits) => `${(100 * share).toFixed(digits)}\u00a0%`;

function element(parent, name, attributes = {}, tag = "div") {
  const node = document.createElement(tag);
  node.className = name;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

function button(parent, name) {
  const node = element(parent, name, { type: "button" }, "button");
  // without this a focused button in command mode lets JupyterLab's keys through: "x" would cut the cell
  node.dataset.lmSuppressShortcuts = "true";
  return node;
}

// Writes text only where it changes, so that screen readers and selections are left in peace.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function writeOrHide(node, text) {
  write(node, text ?? "");
  node.hidden = !text;
}

// -- the parts -------------------------------------------------------------------------------------------------

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
  parts.buttons = element(parts.footer, "qjob-buttons");
  parts.confirm = button(parts.buttons, "qjob-confirm");
  parts.cancel = button(parts.buttons, "qjob-cancel");
  parts.spoken = element(card, "qjob-unseen", { role: "status", "aria-live": "polite" });
  return parts;
}

// Text that says what goes on and for how long, counting on between two states.
function clock(what, time) {
  let timer = 0;
  let state = null;
  let skew = null; // how far the browser's clock is ahead of the kernel's, in seconds

  const text = (seconds) => {
    if (seconds < 60) return `${seconds.toFixed(1)} s`;
    const whole = Math.floor(seconds);
    const pad = (value) => String(value).padStart(2, "0");
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
    return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
  };
  const tick = () => {
    const left = Math.max(0, Math.ceil((state.until ?? 0) - Date.now() / 1000 + skew));
    if (state.until && (left || !state.soon)) {
      write(what, `${state.soon ?? "submits itself"} in ${left < 60 ? `${left} s` : text(left)}`);
      write(time, "");
      return;
    }
    write(what, state.phase);
    const seconds = Math.max(state.elapsed, Date.now() / 1000 - state.since - skew);
    write(time, ` · ${text(seconds)}`);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
  };
  return {
    stop,
    show(next, fresh) {
      state = next;
      const ahead = Date.now() / 1000 - state.since - state.elapsed;
      // a state that was not just sent (a reloaded page) is old, not early: there only a negative skew is one
      skew = fresh ? ahead : Math.min(0, ahead);
      write(what, state.phase);
      if (state.ended) {
        stop();
        write(time, "");
        return;
      }
      tick();
      timer ||= setInterval(tick, TICK);
    },
  };
}

// Rows that keep their nodes from state to state, so that bars grow and rows glide instead of jumping.
function histogram(card) {
  const table = element(card, "qjob-histogram", { role: "table", "aria-label": "most frequent outcomes" });
  const axis = element(table, "qjob-axis", { "aria-hidden": "true" });
  axis.style.order = "99";
  const ends = element(axis, "qjob-ends");
  element(ends, "qjob-zero", {}, "span").textContent = "0";
  const end = element(ends, "qjob-end", {}, "span");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let rows = new Map();
  let sorted = -Infinity;

  // Outcomes of nearly equal counts overtake each other all the time: rows are put in order once in a while, and
  // in between each keeps its place and a new one takes the place of one that left.
  const placesOf = (keys, paused) => {
    const now = performance.now();
    if (paused || now - sorted >= SETTLE) {
      sorted = now;
      return keys.map((_, place) => place);
    }
    const kept = keys.map((key) => rows.get(key)?.place);
    const free = keys.map((_, place) => place).filter((place) => !kept.includes(place));
    return kept.map((place) => (place !== undefined && place < keys.length ? place : free.shift()));
  };
  const add = () => {
    const node = element(table, "qjob-row", { role: "row" });
    const label = element(node, "qjob-label", { role: "rowheader" });
    const plot = element(node, "qjob-plot", { "aria-hidden": "true" });
    const bar = element(plot, "qjob-bar");
    const error = element(plot, "qjob-error");
    bar.style.width = "0";
    const count = element(node, "qjob-count", { role: "cell" });
    return { node, label, bar, error, count, share: element(node, "qjob-share", { role: "cell" }) };
  };
  const fill = (row, [label, count, low, high, bits], state) => {
    const share = percent(count / state.done, state.digits);
    const interval = `${percent(low, state.digits)} to ${percent(high, state.digits)}`;
    write(row.label, label);
    write(row.count, number(count));
    write(row.share, share);
    row.node.title = `${bits ?? label}: ${number(count)}, ${share} (95 % interval ${interval})`;
    row.bar.style.width = `${(100 * count) / state.done / state.scale}%`;
    row.error.style.left = `${(100 * low) / state.scale}%`;
    row.error.style.width = `${(100 * (high - low)) / state.scale}%`;
  };
  return (state) => {
    table.hidden = !state.rows?.length;
    if (table.hidden) return;
    write(end, `${Number((100 * state.scale).toPrecision(3))}\u00a0%`);
    const before = new Map([...rows].map(([key, row]) => [key, row.node.offsetTop]));
    const names = state.rows.map((data) => data[4] ?? data[0]);
    const keys = names.map((name, i) => (names.indexOf(name) < i ? `${name} ${i}` : name)); // labels may be equal
    const places = placesOf(keys, state.status !== "RUNNING"); // else nothing more may come that orders them
    const next = new Map();
    state.rows.forEach((data, i) => {
      const key = keys[i];
      const row = rows.get(key) ?? add();
      row.place = places[i];
      row.node.style.order = row.place;
      next.set(key, row);
      if (!before.has(key)) void row.bar.offsetWidth; // so that a new bar grows from 0
      fill(row, data, state);
    });
    for (const [key, row] of rows) if (!next.has(key)) row.node.remove();
    rows = next;
    if (still.matches) return;
    for (const [key, top] of before) {
      const shift = top - (rows.get(key)?.node.offsetTop ?? top);
      if (shift) rows.get(key).node.animate([{ transform: `translateY(${shift}px)` }, { transform: "none" }], MOVE);
    }
  };
}

// -- cancelling ------------------------------------------------------------------------------------------------

// Asks the server extension, which answers while the kernel is busy. Resolves to "" or to why it did not work.
async function askServer(path) {
  if (!path) return "there is no other way to cancel this";
  try {
    const config = document.querySelector("#jupyter-config-data");
    if (!config) return "this front end has no Jupyter server to ask";
    const base = new URL(JSON.parse(config.textContent).baseUrl, window.location.origin);
    const url = new URL(path, base);
    if (url.origin !== window.location.origin) return "the cancel address lies on another host";
    const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
    const headers = xsrf ? { "X-XSRFToken": decodeURIComponent(xsrf) } : {};
    const answer = await fetch(url, { method: "POST", headers, credentials: "same-origin" });
    // 409: the job has ended or is being cancelled already
    return answer.ok || answer.status === 409 ? "" : `the server answered ${answer.status}`;
  } catch (error) {
    return String(error.message ?? error);
  }
}

// "Cancel" -> "Really cancel?" -> "Cancelling…". Nothing happens before the second step.
function cancelButton(button, model, say) {
  let step = "ready";
  let timers = [];
  const later = (action, delay) => timers.push(setTimeout(action, delay));
  const open = () => model.get("state").cancellable;

  const enter = (next, text) => {
    timers.forEach(clearTimeout);
    timers = [];
    step = next;
    write(button, text);
    button.classList.toggle("qjob-armed", step === "armed");
    button.setAttribute("aria-disabled", String(step === "asked"));
    document.removeEventListener("keydown", onEscape, true);
    if (step === "armed") document.addEventListener("keydown", onEscape, true);
  };
  const ready = () => enter("ready", "Cancel");
  const onEscape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    ready();
  };
  const ask = () => {
    enter("asked", "Cancelling…");
    model.send({ type: "cancel" });
    let problem = "";
    later(async () => {
      if (open()) problem = await askServer(model.get("cancel_url"));
    }, PATIENCE);
    later(() => {
      if (!open() || !problem) return; // the server took it; the card follows when the kernel is free
      say(`The cancel waits for the kernel, which is busy (${problem}).`);
      ready();
    }, GIVE_UP);
  };
  button.addEventListener("click", (event) => {
    if (event.detail > 1) return; // a double click is no confirmation
    if (step === "armed") ask();
    else if (step === "ready") {
      enter("armed", model.get("state").really ?? "Really cancel?");
      later(ready, DISARM);
    }
  });
  ready();
  return {
    ready,
    refused: () => step === "asked" && ready(),
    // the state that answers: nothing left to cancel, or a cancel that began elsewhere
    show(state) {
      button.hidden = state.ended;
      if (!state.cancellable && step !== "asked") enter("asked", "Cancelling…");
      if (state.ended) ready();
    },
  };
}

// -- confirming ------------------------------------------------------------------------------------------------

// "Confirm $3.75" -> "Confirming…", once; the state that answers has no such button, or a refusal gives it back.
function confirmButton(button, model, say) {
  let timer = 0;
  const ready = () => {
    clearTimeout(timer);
    button.setAttribute("aria-disabled", "false");
    write(button, model.get("state").confirm ?? "");
  };
  button.addEventListener("click", (event) => {
    if (event.detail > 1 || button.getAttribute("aria-disabled") === "true") return;
    say("");
    button.setAttribute("aria-disabled", "true");
    write(button, "Confirming…");
    model.send({ type: "confirm" });
    timer = setTimeout(() => say("The confirmation waits for the kernel, which is busy."), GIVE_UP);
  });
  return {
    ready,
    show(state) {
      if (!button.hidden && !state.confirm) say(""); // what was said of it is no longer so
      button.hidden = !state.confirm;
      if (button.hidden) ready();
      else if (button.getAttribute("aria-disabled") !== "true") ready();
    },
  };
}

// -- the card --------------------------------------------------------------------------------------------------

function render({ model, el }) {
  const parts = build(el);
  const say = (text) => writeOrHide(parts.notice, text);
  const cancel = cancelButton(parts.cancel, model, say);
  const confirm = confirmButton(parts.confirm, model, say);
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
  model.on("msg:custom", (message) => {
    if (message.type !== "refused") return;
    cancel.refused();
    confirm.ready();
    say(message.text);
  });
  draw(false);
  // a widget from a saved notebook, without the kernel that made it
  if (el.closest(".jupyter-widgets-disconnected")) kernelGone();
  return () => {
    parts.clock.stop();
    confirm.ready();
    cancel.ready(); // ends its timers and its listener
  };
}

export default { render };
