// The histogram of the live card.

const SETTLE = 1500; // ms between two orderings of the rows of a running job
const MOVE = { duration: 250, easing: "ease-out" };

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
