// The parts of the live card that only a batch has: one bar for all of its jobs, and a line for each of a few. It draws
// what batch_state.py makes; card.js, which follows in the same module, draws the rest.

// in the order of the bar
const BATCH_PARTS = ["completed", "failed", "cancelled", "running", "cancelling", "queued", "not submitted"];
const EMPTY = ["queued", "not submitted"]; // these leave the bar empty

// The bar, and below it how many jobs each of its colours stands for.
function batchParts(card) {
  const box = element(card, "qjob-batch", { hidden: "" });
  const bar = element(box, "qjob-parts", { role: "progressbar", "aria-label": "jobs that have ended", "aria-valuemin": "0" });
  const legend = element(box, "qjob-legend");
  const parts = BATCH_PARTS.map((name) => {
    const part = { name, said: element(legend, "qjob-part", { "data-part": name }, "span") };
    if (!EMPTY.includes(name)) part.piece = element(bar, "qjob-piece", { "data-part": name });
    return part;
  });
  return (state) => {
    box.hidden = !state.parts;
    if (box.hidden) return;
    const counts = new Map(state.parts);
    bar.setAttribute("aria-valuemax", state.shots);
    bar.setAttribute("aria-valuenow", state.done);
    for (const { name, said, piece } of parts) {
      const count = counts.get(name) ?? 0;
      writeOrHide(said, count ? `${number(count)} ${name}` : "");
      if (!piece) continue;
      piece.style.width = `${(100 * count) / state.shots}%`;
      piece.classList.toggle("qjob-some", count > 0); // one of a thousand is seen as well
    }
  };
}

// Lines that keep their nodes: what changes is their text, so that nothing moves.
function batchJobs(card) {
  const table = element(card, "qjob-jobs", { role: "table", "aria-label": "jobs of the batch" });
  const others = element(card, "qjob-quiet");
  const lines = [];
  const add = () => {
    const node = element(table, "qjob-line", { role: "row" });
    const label = element(node, "qjob-job", { role: "rowheader" });
    const outcome = element(node, "qjob-outcome qjob-label", { role: "cell" });
    const plot = element(node, "qjob-plot", { "aria-hidden": "true" });
    const bar = element(plot, "qjob-bar");
    bar.style.width = "0";
    const share = element(node, "qjob-share", { role: "cell" });
    const said = element(node, "qjob-said qjob-quiet", { role: "cell" });
    return { node, label, outcome, plot, bar, share, said };
  };
  const fill = (line, [label, status, text, share], { digits, scale }) => {
    const drawn = share !== undefined;
    line.node.dataset.status = status;
    line.node.title = `${label}: ${text}${drawn ? `, ${percent(share, digits)}` : ""}`;
    write(line.label, label);
    for (const cell of [line.outcome, line.plot, line.share]) cell.hidden = !drawn;
    line.said.hidden = drawn;
    write(line.said, drawn ? "" : text);
    write(line.outcome, drawn ? text : "");
    write(line.share, drawn ? percent(share, digits) : "");
    if (drawn) void line.bar.offsetWidth; // so that a new bar grows from 0
    line.bar.style.width = drawn ? `${(100 * share) / scale}%` : "0";
  };
  return (state) => {
    const jobs = state.jobs ?? [];
    table.hidden = !jobs.length;
    while (lines.length < jobs.length) lines.push(add());
    while (lines.length > jobs.length) lines.pop().node.remove();
    writeOrHide(others, state.others);
    jobs.forEach((job, place) => fill(lines[place], job, state));
  };
}
