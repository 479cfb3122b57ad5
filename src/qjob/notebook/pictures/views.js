// What the rows of a picture say: of measured outcomes, and of the amplitudes of a final state. Each view knows its
// size, columns, scale, how a row is filled, and what a row says in full. Draws rows, but no frame and no control.

const SCALES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];
const SAID_DIGITS = 2; // decimals more than in the column
const CODE = 7.3; // px a character of a label
const SHORT = 90; // px of a label that is never cut
const FIGURE = 7.6; // px a character of a number
const HEAD = 14; // the most characters of a heading that its column makes room for

const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
// A share that is not 0 never looks like it, as in rows.py; below 1e-12 it is a rounding error.
const percent = (share, digits) => {
  const text = (100 * share).toFixed(digits);
  return share < 1e-12 || /[1-9]/.test(text) ? `${text}\u00a0%` : `<\u00a0${(10 ** -digits).toFixed(digits)}\u00a0%`;
};
const axisEnd = (high) => SCALES.find((end) => high <= end) ?? 1;
const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const signed = (value, digits) => value.toFixed(digits).replace("-", "\u2212");

const columnsCss = (label, widths) => {
  const numbers = widths.map((width) => `${Math.ceil(width * FIGURE) + 12}px`).join(" ");
  const whole = Math.ceil(label * CODE) + 2;
  return `minmax(${Math.min(whole, SHORT)}px, ${whole}px) minmax(40px, 1fr) ${numbers}`; // short labels stay whole
};

// -- outcomes ----------------------------------------------------------------------------------------------------

function outcomesView(picture, options) {
  const { chosen, sort, unit } = options;
  const table = tableOf(picture, chosen);
  const totals = picture.series.map((series) => series.shots ?? 1);
  const order = ordered(table, totals, sort);
  const shots = picture.series[0].shots;
  const digits = Math.max(...totals) >= 10_000 ? 2 : 1;
  const columns = columnsOf(picture.clbits, chosen ?? Array.from({ length: picture.bits }, (_, bit) => bit));
  const inKey = chosen ? columns.map((column, place) => (column < 0 ? -1 : place)) : columns;
  const registers = chosen ? [] : picture.registers;
  const text = (row) => spaced(bitString(table, row, inKey), registers);
  const highest = table.amounts.map((values) => values.reduce((most, value) => Math.max(most, value), 0));
  const high = (amount, place) => (picture.series[place].shots ? wilson(amount, totals[place])[1] : amount);
  const scale = axisEnd(Math.max(...highest.map(high)));
  const share = (row, place) => table.amounts[place][row] / totals[place];
  const counted = (row, place) => {
    const amount = table.amounts[place][row];
    if (!amount) return "0"; // never, which is not the same as rarely
    return picture.series[place].shots ? number(amount) : (amount * shots).toFixed(1);
  };
  const shown = (row, place) =>
    unit === "counts" || !table.amounts[place][row] ? counted(row, place) : percent(share(row, place), digits);
  const widest = Math.max(1, ...highest.map((most, place) => number(picture.series[place].shots ? most : most * shots).length));
  const width = unit === "counts" ? widest + (picture.series.some((one) => !one.shots) ? 2 : 0) : digits + 5;
  const several = picture.series.length > 1;
  const room = (series) => (several ? Math.max(width, 6, Math.min(series.head.length, HEAD)) : width);
  const first = Array.from(order.subarray(0, picture.view.top), (row) => shortened(text(row)).length);
  const labelled = table.size > picture.view.top && columns.length > LABEL ? LABEL : Math.max(...first);
  const told = (row, place) => {
    const series = picture.series[place];
    const amount = table.amounts[place][row];
    const name = several ? `${series.label} ` : "";
    if (!series.shots) return `${name}${percent(amount, digits + SAID_DIGITS)}, ${(amount * shots).toFixed(1)} expected`;
    const [low, up] = wilson(amount, series.shots).map((end) => percent(end, digits));
    return `${name}${number(amount)} of ${number(series.shots)}, ${percent(share(row, place), digits)} (95 % interval ${low} to ${up})`;
  };
  return {
    size: table.size,
    rest: chosen ? 0 : Math.max(...picture.series.map((series) => series.distinct - series.values.byteLength / 8)),
    noun: "outcome",
    label: "outcomes, most frequent first",
    heads: several ? picture.series.map((series) => series.head) : [],
    columns: columnsCss(Math.max(labelled, 2), picture.series.map(room)),
    end: unit === "counts" ? number(scale * shots) : `${Number((100 * scale).toPrecision(3))}\u00a0%`,
    make(node) {
      const parts = { label: element(node, "qjob-picture-label") };
      const plot = element(node, "qjob-picture-plot", { "aria-hidden": "true" });
      parts.bar = element(plot, "qjob-picture-bar");
      parts.error = element(plot, "qjob-picture-error");
      parts.others = picture.series.slice(1).map((_, place) => element(plot, "qjob-picture-other", { "data-place": place + 1 }));
      parts.numbers = picture.series.map(() => element(node, "qjob-picture-number"));
      return parts;
    },
    fill(parts, place) {
      const row = order[place];
      parts.label.textContent = shortened(text(row));
      parts.bar.style.width = `${(100 * share(row, 0)) / scale}%`;
      const [low, up] = shots ? wilson(table.amounts[0][row], shots) : [0, 0];
      parts.error.hidden = !shots;
      parts.error.style.left = `${(100 * low) / scale}%`;
      parts.error.style.width = `${(100 * (up - low)) / scale}%`;
      parts.others.forEach((other, at) => {
        const value = share(row, at + 1);
        other.hidden = !value;
        other.style[at ? "left" : "width"] = `${(100 * value) / scale}%`;
      });
      parts.numbers.forEach((cell, at) => (cell.textContent = shown(row, at)));
    },
    say: (place) => `${text(order[place])}: ${picture.series.map((_, at) => told(order[place], at)).join("; ")}`,
  };
}

// Squares of 32-bit floats up to the noise of their last digits: 18 binary ones count, so that no power of 2 is on an edge.
const denoised = (square) => {
  const unit = 2 ** (Math.floor(Math.log2(square)) - 18);
  return Math.round(square / unit) * unit;
};

// -- amplitudes --------------------------------------------------------------------------------------------------

// Phase as a colour: the same lightness all around, so that no phase stands out; it is a number beside it as well.
const phaseColour = (phase) => `oklch(0.66 0.15 ${((phase * 180) / Math.PI + 360) % 360})`;

function stateView(state, { sort, unit }) {
  const words = Math.max(1, Math.ceil(state.qubits / 32));
  const keys = new Uint32Array(own(state.keys));
  const values = new Float32Array(own(state.values));
  const size = values.length / 2;
  const chances = new Float64Array(size).map((_, row) => values[2 * row] ** 2 + values[2 * row + 1] ** 2);
  const table = { keys, words, size, amounts: [chances] };
  const order = ordered(table, [1], sort, denoised);
  const qubits = Array.from({ length: state.qubits }, (_, qubit) => qubit);
  const drawn = (row) => (unit === "modulus" ? Math.sqrt(chances[row]) : chances[row]);
  const scale = axisEnd(chances.reduce((most, _, row) => Math.max(most, drawn(row)), 0));
  const phase = (row) => {
    const angle = Math.atan2(values[2 * row + 1], values[2 * row]);
    return Math.abs(angle + Math.PI) < 1e-6 ? Math.PI : angle; // -pi is pi
  };
  const turns = (row, digits) => {
    const text = signed(phase(row) / Math.PI, digits);
    return `${/[1-9]/.test(text) ? text : text.replace("\u2212", "")}\u00a0\u03c0`;
  };
  const ket = (row) => `|${bitString(table, row, qubits)}\u27e9`;
  return {
    size,
    rest: state.left,
    noun: "amplitude",
    label: "amplitudes",
    heads: [unit === "modulus" ? "|a|" : "|a|\u00b2", "phase"],
    columns: columnsCss(Math.min(LABEL, state.qubits + 2), [7, 8]),
    end: String(scale),
    make(node) {
      const label = element(node, "qjob-picture-label");
      const plot = element(node, "qjob-picture-plot", { "aria-hidden": "true" });
      const bar = element(plot, "qjob-picture-bar");
      return { label, bar, amount: element(node, "qjob-picture-number"), phase: element(node, "qjob-picture-number") };
    },
    fill(parts, place) {
      const row = order[place];
      parts.label.textContent = ket(row);
      parts.bar.style.width = `${(100 * drawn(row)) / scale}%`;
      parts.bar.style.background = phaseColour(phase(row));
      parts.amount.textContent = drawn(row).toFixed(4);
      parts.phase.textContent = turns(row, 2);
    },
    say(place) {
      const row = order[place];
      const [real, imaginary] = [values[2 * row], values[2 * row + 1]];
      const sign = imaginary < 0 ? "\u2212" : "+";
      const amplitude = `${signed(real, 6)} ${sign} ${Math.abs(imaginary).toFixed(6)} i`;
      const sizes = `|a| ${Math.sqrt(chances[row]).toFixed(6)}, |a|\u00b2 ${chances[row].toFixed(6)}`;
      return `${ket(row)}: ${amplitude}; ${sizes}, phase ${turns(row, 4)}`;
    },
  };
}
