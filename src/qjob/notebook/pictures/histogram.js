// A picture of what jobs measured: a frame, controls, the rows of a view, what the pointer is on, comparisons. It
// works on what it was sent once, while the kernel is busy or gone; only a comparison over some bits alone is asked
// of the kernel.

const HINT = "Point at a row, or move with the arrow keys, for its numbers.";
const PATIENCE = 3000; // ms the kernel gets to answer before it is said to be busy

// Buttons of which one is pressed.
function choice(parent, label, options, pick) {
  const group = element(parent, "qjob-picture-choice", { role: "group", "aria-label": label });
  const buttons = Object.entries(options).map(([value, text]) => {
    const node = focusable(element(group, "", { type: "button" }, "button"));
    node.textContent = text;
    node.addEventListener("click", () => pick(value));
    return [value, node];
  });
  return {
    group,
    press: (chosen) => buttons.forEach(([value, node]) => node.setAttribute("aria-pressed", String(value === chosen))),
  };
}

function frame(el) {
  const card = element(el, "qjob-picture", { role: "group" });
  const parts = { card, title: element(card, "qjob-picture-title"), facts: element(card, "qjob-picture-quiet") };
  parts.controls = element(card, "qjob-picture-controls");
  parts.wrong = element(card, "qjob-picture-wrong", { role: "alert", hidden: "" });
  parts.legend = element(card, "qjob-picture-legend");
  parts.which = element(card, "qjob-picture-quiet");
  parts.heads = element(card, "qjob-picture-heads", { "aria-hidden": "true" });
  return parts;
}

function below(parts) {
  const { card } = parts;
  parts.axis = element(card, "qjob-picture-axis", { "aria-hidden": "true" });
  const ends = element(parts.axis, "qjob-picture-ends");
  element(ends, "", {}, "span").textContent = "0";
  parts.end = element(ends, "", {}, "span");
  parts.more = element(card, "qjob-picture-more");
  parts.expand = focusable(element(parts.more, "", { type: "button" }, "button"));
  parts.rest = element(card, "qjob-picture-quiet");
  parts.readout = element(card, "qjob-picture-readout", { role: "status", "aria-live": "polite" });
  parts.compared = element(card, "qjob-picture-compared");
  parts.notes = element(card, "qjob-picture-quiet");
}

function bitsField(parent, change) {
  const label = element(parent, "qjob-picture-bits", {}, "label");
  label.append("Bits");
  const input = focusable(element(label, "", { type: "text", placeholder: "all", spellcheck: "false" }, "input"));
  input.title = "Which classical bits to show: 0,2 or 0-3, the name of a register, or bits of one, as in c[1]";
  input.addEventListener("change", () => change(input.value));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Shift+Enter here would run the cell
    if (event.key === "Enter") change(input.value);
    if (event.key === "Escape") change((input.value = ""));
  });
  return { label, input };
}

// Asks the kernel for the comparison over some bits; `show` gets comparisons or a sentence.
function asking(model, show) {
  let asked = null;
  let timer = 0;
  const answer = (message) => {
    if (asked === null || JSON.stringify(message.bits) !== asked) return; // of an earlier question
    clearTimeout(timer);
    asked = null;
    show(message.type === "compared" ? message.comparisons : [], message.text ?? "");
  };
  model.on("msg:custom", answer);
  return {
    ask(bits) {
      clearTimeout(timer);
      asked = JSON.stringify(bits);
      show([], "Comparing these bits\u2026");
      model.send({ type: "compare", bits });
      timer = setTimeout(() => show([], "The comparison of these bits comes once the kernel is free."), PATIENCE);
    },
    forget() {
      clearTimeout(timer);
      asked = null;
    },
    stop() {
      clearTimeout(timer);
      model.off("msg:custom", answer);
    },
  };
}

function mount(model, el) {
  const parts = frame(el);
  const list = rowList(parts.card, { label: "outcomes", onActive: (text) => readout(text) });
  below(parts);
  let picture = model.get("picture");
  const now = { of: "outcomes", unit: "share", amplitude: "square", sort: picture.view.sort, all: false };
  now.chosen = picture.view.bits;

  const readout = (text) => {
    parts.readout.classList.toggle("qjob-picture-hint", !text);
    write(parts.readout, text || (picture.series.length || picture.state ? HINT : ""));
  };
  const showCompared = (comparisons, sentence = "") => {
    parts.compared.replaceChildren();
    parts.compared.hidden = now.of === "state" || !(comparisons.length || sentence);
    if (sentence) parts.compared.textContent = sentence;
    for (const told of comparisons) {
      const line = element(parts.compared, "");
      line.append(`${told.which}: ${told.figures} \u00b7 `);
      element(line, "qjob-picture-verdict", {}, "span").textContent = told.verdict;
    }
  };
  const kernel = asking(model, showCompared);
  const compare = () => {
    const same = JSON.stringify(now.chosen) === JSON.stringify(picture.view.bits);
    kernel.forget();
    if (same || picture.series.length < 2) showCompared(picture.comparisons);
    else kernel.ask(now.chosen);
  };
  const set = (changes, keep = false) => {
    Object.assign(now, changes);
    draw(keep);
  };

  const of = choice(parts.controls, "what is shown", { outcomes: "Outcomes", state: "State" }, (value) => {
    set({ of: value, all: false });
    compare();
  });
  const sort = choice(parts.controls, "sorted by", { value: "By value", bits: "By bits" }, (value) => set({ sort: value }));
  const unit = choice(parts.controls, "unit", { share: "Probability", counts: "Counts" }, (value) => set({ unit: value }, true));
  const amplitude = choice(parts.controls, "unit", { square: "|a|\u00b2", modulus: "|a|" }, (value) => set({ amplitude: value }));
  const bits = bitsField(parts.controls, (text) => {
    try {
      const chosen = parseBits(text, picture);
      wrong("");
      if (JSON.stringify(chosen) === JSON.stringify(now.chosen)) return;
      set({ chosen, all: false });
      compare();
    } catch (error) {
      wrong(error.message);
    }
  });
  const wrong = (text) => {
    write(parts.wrong, text);
    parts.wrong.hidden = !text;
    bits.input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  parts.expand.addEventListener("click", () => set({ all: !now.all }));

  function controls() {
    const state = now.of === "state";
    of.group.hidden = !picture.state || !picture.series.length;
    of.press(now.of);
    sort.press(now.sort);
    unit.press(now.unit);
    amplitude.press(now.amplitude);
    unit.group.hidden = state;
    amplitude.group.hidden = !state;
    bits.label.hidden = state || picture.bits < 2 || picture.series.some((one) => one.distinct > one.values.byteLength / 8);
    parts.controls.hidden = !picture.series.length && !picture.state;
  }

  function around(view) {
    const several = now.of === "outcomes" && picture.series.length > 1;
    parts.legend.hidden = !several;
    parts.legend.replaceChildren();
    picture.series.forEach((one, place) => {
      element(parts.legend, "qjob-picture-key", { "data-place": place }, "span").textContent = one.label;
    });
    const chosen = now.of === "outcomes" && now.chosen;
    const listed = chosen && [...chosen].reverse().join(", ");
    const beside = chosen && chosen.length > 1;
    const which = chosen ? (beside ? `classical bits ${listed}, from left to right` : `classical bit ${listed}`) : "";
    write(parts.which, now.of === "state" ? `${picture.state.label}: amplitudes before measurement, qubit 0 rightmost` : which);
    parts.which.hidden = !parts.which.textContent;
    parts.card.style.setProperty("--columns", view.columns);
    parts.heads.hidden = !view.heads.length;
    parts.heads.replaceChildren();
    for (const head of ["", "", ...view.heads]) {
      const cell = element(parts.heads, "", { title: head }, "span");
      cell.textContent = head;
    }
    write(parts.end, view.end);
    const left = view.size - picture.view.top;
    parts.more.hidden = left <= 0;
    write(parts.expand, now.all ? "Show fewer" : `Show ${plural(left, `more ${view.noun}`)}`);
    write(parts.rest, view.rest > 0 ? `\u2026 ${plural(view.rest, `more ${view.noun}`)}, not listed here` : "");
    parts.rest.hidden = !parts.rest.textContent;
  }

  function draw(keep) {
    write(parts.title, picture.title);
    write(parts.facts, picture.facts.join(" \u00b7 "));
    parts.card.setAttribute("aria-label", `picture of ${picture.title}`);
    write(parts.notes, picture.notes.join(" "));
    parts.notes.hidden = !picture.notes.length;
    if (!picture.series.length && picture.state) now.of = "state";
    if (now.of === "state" && !picture.state) now.of = "outcomes";
    controls();
    const nothing = now.of === "outcomes" && !picture.series.length;
    for (const part of [list.box, parts.axis, parts.heads, parts.legend, parts.which, parts.more, parts.rest]) part.hidden = nothing;
    parts.readout.hidden = nothing;
    if (nothing) return;
    const view = now.of === "state" ? stateView(picture.state, { sort: now.sort, unit: now.amplitude }) : outcomesView(picture, now);
    around(view);
    list.box.setAttribute("aria-label", view.label);
    list.show({ ...view, shown: now.all ? view.size : Math.min(view.size, picture.view.top) }, keep);
    const bar = list.box.offsetWidth - list.box.clientWidth; // of the scroll bar
    parts.axis.style.paddingRight = parts.heads.style.paddingRight = `${bar}px`;
  }

  const renew = () => {
    picture = model.get("picture");
    draw(true);
    compare();
  };
  model.on("change:picture", renew);
  bits.input.value = now.chosen ? now.chosen.join(",") : "";
  draw(false);
  compare();
  return () => {
    kernel.stop();
    model.off("change:picture", renew);
    parts.card.remove();
  };
}

function render({ model, el }) {
  return mount(model, el);
}

function initialize({ model }) {
  return drawOver(model, (place) => mount(model, place));
}

export default { initialize, render };
