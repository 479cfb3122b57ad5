// The lower part of the form: price, budget, what stands against it, the buttons, and the lines that do the same.
// It draws what offer.py and panel.py say. All it adds is the second step of a submission that costs something, which
// is taken back after some seconds, by Esc and by any edit, and what must work while the kernel does not answer.

const DISARM = 5000; // ms (also in form.css)
const GIVE_UP = 6000; // ms without an answer after which the form says so
const COPIED = 2000; // ms
const REST = 500; // ms after an answer in which no click counts: it was meant for what stood there before

function button(parent, name, text) {
  const node = oncePressed(control(parent, name, "button", { type: "button" }));
  write(node, text);
  return node;
}

// What the controls show at this moment, by name. Each talks to the kernel by itself, so that a click can overtake an
// edit; told what a person saw, the kernel notices. A control that it has replaced is left out, which it notices too.
async function seen(model) {
  const found = {};
  for (const [name, id] of Object.entries(model.get("watched"))) {
    const other = await model.widget_manager.get_model(id).catch(() => null);
    const labels = other?.get("_options_labels");
    if (other) found[name] = (labels ? labels[other.get("index")] : other.get("value")) ?? null;
  }
  return found;
}

function build(el) {
  const foot = element(el, "qform-foot");
  const price = element(foot, "qform-cost");
  const parts = {
    foot,
    price: element(price, "qform-amount", { role: "status" }),
    how: element(price, "qform-quiet"),
    left: element(foot, "qform-quiet"),
    notes: element(foot, "qform-notes", { role: "status" }),
    problem: element(foot, "qform-failure", { role: "status" }),
  };
  parts.reason = element(parts.problem, "qform-reason");
  parts.remedy = element(parts.problem, "qform-remedy");
  parts.question = element(foot, "qform-question", { role: "status" });
  const row = element(foot, "qform-buttons");
  parts.submit = button(row, "qform-submit", "Submit");
  parts.shots = button(row, "qform-use", "");
  parts.close = button(row, "qform-close", "Close");
  parts.close.title = "Close the form; the line that does the same stays in the notebook.";
  parts.said = element(foot, "qform-said", { role: "status" });
  const same = element(foot, "qform-same");
  write(element(same, "qform-quiet"), "The same, as a line:");
  parts.lines = element(same, "qform-lines");
  return parts;
}

async function copy(text, node) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // no clipboard for a page that came over plain HTTP: select it, and ask the old way
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
  return true;
}

function lines(parent) {
  const rows = [];
  return (texts) => {
    while (rows.length < texts.length) {
      const box = element(parent, "qform-line");
      const code = element(box, "qform-code", {}, "code");
      const copier = button(box, "qform-copy", "Copy");
      let timer = 0;
      copier.addEventListener("click", async () => {
        const done = await copy(code.textContent, code);
        write(copier, done ? "Copied" : "Press Ctrl+C");
        clearTimeout(timer);
        timer = setTimeout(() => write(copier, "Copy"), COPIED);
      });
      rows.push({ box, code, copier });
    }
    rows.forEach(({ box, code, copier }, i) => {
      box.hidden = i >= texts.length;
      write(code, texts[i] ?? "");
      copier.setAttribute("aria-label", `Copy ${(texts[i] ?? "").split(" ")[0]} line`);
    });
  };
}

// ipywidgets' own controls let JupyterLab's keys through as well: a letter typed on a menu would edit the notebook.
function keepKeys(el) {
  const mark = (root) => {
    for (const node of root.querySelectorAll("select, input, textarea, button, [tabindex]")) {
      focusable(node);
    }
  };
  let observer = null;
  const sizes = new ResizeObserver(() => {
    const root = el.closest(".qjob-form"); // not there before the form is in the page
    if (!root || observer) return;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "qjob submission form");
    mark(root);
    observer = new MutationObserver(() => mark(root));
    observer.observe(root, { childList: true, subtree: true });
  });
  sizes.observe(el);
  return () => {
    sizes.disconnect();
    observer?.disconnect();
  };
}

function render({ model, el }) {
  const parts = build(el);
  const show = lines(parts.lines);
  const forget = keepKeys(el);
  let armed = 0; // the timer of an open question
  let waits = 0; // the timer of an answer that is to come
  let rests = 0; // the timer of the time after an answer
  let gone = false; // the kernel

  const onEscape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    disarm(true);
  };
  const disarm = (tell) => {
    if (!armed) return;
    clearTimeout(armed);
    armed = 0;
    document.removeEventListener("keydown", onEscape, true);
    parts.submit.classList.remove("qform-armed");
    write(parts.submit, "Submit");
    writeOrHide(parts.question, "");
    if (tell) model.send({ type: "disarm" });
  };
  const arm = ({ confirm, question }) => {
    disarm(false);
    write(parts.submit, confirm);
    writeOrHide(parts.question, question);
    void parts.submit.offsetWidth; // so that its bar begins anew
    parts.submit.classList.add("qform-armed");
    document.addEventListener("keydown", onEscape, true);
    armed = setTimeout(() => disarm(true), DISARM);
  };
  const free = () => {
    clearTimeout(waits);
    clearTimeout(rests);
    waits = 0;
    parts.submit.setAttribute("aria-disabled", "false");
  };
  const drawOffer = () => {
    const { price, how, left, notes, problem, remedy, shots, about } = model.get("offer");
    const answer = model.get("answer");
    parts.foot.classList.toggle("qform-asking", model.get("asking"));
    writeOrHide(parts.price, price);
    writeOrHide(parts.how, how);
    writeOrHide(parts.left, (left ?? []).join("; "));
    writeOrHide(parts.notes, answer.said ? "" : (notes ?? []).join("\n"));
    const [reason, way] = answer.problem ? [answer.problem, answer.remedy] : [problem, remedy];
    parts.problem.hidden = !reason;
    write(parts.reason, reason ?? "");
    writeOrHide(parts.remedy, way);
    parts.shots.hidden = !shots;
    write(parts.shots, `Use ${(shots ?? 0).toLocaleString("en-US")} shots`);
    parts.foot.dataset.about = about ?? "";
  };
  const drawAnswer = () => {
    const answer = model.get("answer");
    if (waits && !answer.turn) return drawOffer(); // an edit took the last answer back; that of the click will come
    free();
    if (answer.turn) {
      parts.submit.setAttribute("aria-disabled", "true");
      rests = setTimeout(free, REST);
    }
    if (answer.confirm) arm(answer);
    else {
      disarm(false);
      write(parts.submit, "Submit");
    }
    writeOrHide(parts.said, answer.said);
    (answer.back ?? []).forEach((line) => (element(parts.said, "qform-code", {}, "code").textContent = line));
    drawOffer();
  };
  const drawLines = () => show(model.get("lines"));

  parts.submit.addEventListener("click", (event) => {
    if (event.detail > 1 || parts.submit.getAttribute("aria-disabled") === "true") return; // a double click is no consent
    const type = armed ? "confirm" : "submit";
    clearTimeout(armed);
    parts.submit.setAttribute("aria-disabled", "true");
    parts.submit.classList.remove("qform-armed");
    write(parts.submit, "Submitting…");
    seen(model).then((controls) => model.send({ type, seen: controls }));
    waits = setTimeout(() => writeOrHide(parts.said, "This waits for the kernel, which is busy."), GIVE_UP);
  });
  parts.shots.addEventListener("click", () => model.send({ type: "shots" }));
  parts.close.addEventListener("click", () => model.send({ type: "close" }));

  const kernelGone = () => {
    gone = true;
    free();
    disarm(false);
    for (const each of [parts.submit, parts.shots, parts.close, parts.problem, parts.price, parts.how, parts.left]) {
      each.hidden = true;
    }
    writeOrHide(parts.notes, "");
    writeOrHide(parts.said, "The kernel that made this form is gone. Run its cell again.");
  };
  model.on("change:offer change:asking", () => gone || drawOffer());
  model.on("change:answer", () => gone || drawAnswer());
  model.on("change:lines", drawLines);
  // anywidget calls back with its view; where that is not so, the event can only be the loss of the kernel
  model.on("comm_live_update", function () {
    if (this?.model?.comm_live !== true) kernelGone();
  });
  drawAnswer();
  drawLines();
  if (el.closest(".jupyter-widgets-disconnected")) kernelGone();
  model.send({ type: "shown" });
  return () => {
    forget();
    clearTimeout(waits);
    clearTimeout(rests);
    disarm(true);
    model.send({ type: "hidden" });
  };
}

export default { render };
