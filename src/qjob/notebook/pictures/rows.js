// Rows of one height in a box that scrolls, of which only those in sight are there: 100,000 outcomes are as quick as
// sixteen. Knows no outcome: it is given how many rows there are, what draws one, and what says one in words.
// One row is the active one, by pointer or by arrow keys; what it says goes to `onActive`.

const ROW = 20; // px, also in picture.css
const BEYOND = 8; // rows that are drawn above and below what is in sight
const SCREEN = 20; // rows in sight before the box scrolls
const MOST = 400_000; // rows that a browser can scroll through: it has no boxes of more than some 10 million pixels

let lists = 0; // for ids, which a page shares

function rowList(parent, { label, onActive }) {
  const name = `qjob-picture-rows-${Date.now().toString(36)}-${lists++}`;
  const box = element(parent, "qjob-picture-rows", { role: "listbox", tabindex: "0", "aria-label": label });
  focusable(box); // arrow keys are the list's
  const whole = element(box, "qjob-picture-whole", { role: "presentation" });
  let source = { size: 0, shown: 0, make: () => {}, fill: () => {}, say: () => "" };
  let nodes = new Map(); // by place
  let active = -1;

  const draw = () => {
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - BEYOND);
    const last = Math.min(source.shown, Math.ceil((box.scrollTop + box.clientHeight || SCREEN * ROW) / ROW) + BEYOND);
    const free = [];
    for (const [place, row] of nodes) {
      if (place >= first && place < last) continue;
      free.push(row);
      nodes.delete(place);
    }
    for (let place = first; place < last; place++) {
      if (nodes.has(place)) continue;
      const row = free.pop() ?? make();
      row.node.style.top = `${place * ROW}px`;
      row.node.id = `${name}-${place}`;
      row.node.setAttribute("aria-posinset", place + 1);
      source.fill(row.parts, place);
      row.node.setAttribute("aria-label", source.say(place));
      nodes.set(place, row);
    }
    free.forEach((row) => row.node.remove());
    mark();
  };
  const make = () => {
    const node = element(whole, "qjob-picture-row", { role: "option" });
    return { node, parts: source.make(node) };
  };
  const mark = () => {
    for (const [place, row] of nodes) row.node.setAttribute("aria-selected", String(place === active));
    if (nodes.has(active)) box.setAttribute("aria-activedescendant", `${name}-${active}`);
    else box.removeAttribute("aria-activedescendant");
  };
  const activate = (place, scroll) => {
    active = place;
    if (scroll && place >= 0) {
      const top = place * ROW;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
    }
    draw();
    onActive(place < 0 ? "" : source.say(place));
  };
  const placeOf = (event) => {
    const place = Math.floor((event.clientY - whole.getBoundingClientRect().top) / ROW);
    return place >= 0 && place < source.shown ? place : -1;
  };

  box.addEventListener("scroll", draw, { passive: true });
  box.addEventListener("pointermove", (event) => {
    const place = placeOf(event);
    if (place !== active) activate(place, false);
  });
  box.addEventListener("pointerleave", () => activate(-1, false));
  box.addEventListener("focus", () => {
    if (active < 0 && source.shown) activate(0, true);
  });
  box.addEventListener("blur", () => activate(-1, false));
  box.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 1);
    const last = source.shown - 1;
    const steps = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page };
    const target = { ...steps, Home: 0, End: last }[event.key];
    if (target === undefined || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    activate(Math.max(0, Math.min(last, target)), true);
  });
  return {
    box,
    // Shows another table, or the same in another order: from its top where `keep` is not set.
    show(next, keep) {
      source = { ...next, shown: Math.min(next.shown, MOST) };
      for (const row of nodes.values()) row.node.remove();
      nodes = new Map();
      active = -1;
      whole.style.height = `${source.shown * ROW}px`;
      box.style.height = `${Math.min(SCREEN, source.shown) * ROW}px`;
      box.classList.toggle("qjob-picture-scrolls", source.shown > SCREEN);
      box.hidden = !source.shown;
      if (!keep) box.scrollTop = 0;
      for (const option of [draw, () => onActive("")]) option();
    },
  };
}
