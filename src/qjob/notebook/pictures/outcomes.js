// The outcomes of a picture as arrays: unpacking, marginals, order, intervals, labels. Pure; draws nothing, so that
// rows.js and histogram.js, which stand after this in the same module, find everything here reckoned.
//
// A table has `size` rows of `words` unsigned 32-bit numbers each (`keys`, least significant first), and an array of
// `amounts` for every series: counts, or exact probabilities.

const Z95 = 1.959963984540054;
const LABEL = 24; // the most characters of a bit string's label, as in wording.py
const LONG_RUN = 4;

// The kernel sends a view into a message; an array of numbers needs its own, aligned memory.
const own = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

function unpack(series, words) {
  const keys = new Uint32Array(own(series.keys));
  return { keys, values: new Float64Array(own(series.values)), size: keys.length / words };
}

// Which bit of the packed keys each chosen classical bit is; -1 of one that nothing writes, which reads 0.
const columnsOf = (clbits, chosen) => chosen.map((bit) => clbits.indexOf(bit));

// The keys of some columns alone, row by row.
function selected(keys, size, words, columns) {
  const wide = Math.max(1, Math.ceil(columns.length / 32));
  const found = new Uint32Array(size * wide);
  columns.forEach((column, place) => {
    if (column < 0) return;
    const [from, shift, to, up] = [column >> 5, column & 31, place >> 5, place & 31];
    for (let row = 0; row < size; row++) {
      found[row * wide + to] |= ((keys[row * words + from] >>> shift) & 1) << up;
    }
  });
  return { keys: found, words: wide };
}

// All series in one table: an outcome is one row, whoever has seen it. `chosen`: classical bits, or null for all.
function tableOf(picture, chosen) {
  const words = Math.max(1, Math.ceil(picture.clbits.length / 32));
  const parts = picture.series.map((series) => unpack(series, words));
  const reduced = parts.map((part) => {
    if (!chosen) return { ...part, words };
    return { ...part, ...selected(part.keys, part.size, words, columnsOf(picture.clbits, chosen)) };
  });
  const wide = reduced[0]?.words ?? 1;
  const most = reduced.reduce((sum, part) => sum + part.size, 0);
  const keys = new Uint32Array(most * wide);
  const amounts = reduced.map(() => new Float64Array(most));
  const rows = new Map();
  let size = 0;
  reduced.forEach((part, number) => {
    for (let row = 0; row < part.size; row++) {
      const at = row * wide;
      const name = wide === 1 ? part.keys[at] : part.keys.subarray(at, at + wide).join();
      let place = rows.get(name);
      if (place === undefined) {
        place = size++;
        rows.set(name, place);
        for (let word = 0; word < wide; word++) keys[place * wide + word] = part.keys[at + word];
      }
      amounts[number][place] += part.values[row];
    }
  });
  return { keys, words: wide, size, amounts };
}

// The order of a table's rows: by bit string, or by the sum of the shares with the bit string between equals.
// `rounded` takes the noise of rounding away, else it would part equals; in ranking.py shares have 40 binary digits too.
function ordered(table, totals, sort, rounded = (share) => Math.round(share * 2 ** 40)) {
  const { keys, words, size, amounts } = table;
  const order = new Uint32Array(size).map((_, row) => row);
  order.sort((a, b) => {
    for (let word = words - 1; word >= 0; word--) {
      const difference = keys[a * words + word] - keys[b * words + word];
      if (difference) return difference;
    }
    return 0;
  });
  if (sort !== "value") return order;
  const weight = new Float64Array(size);
  amounts.forEach((values, number) => {
    for (let row = 0; row < size; row++) weight[row] += values[row] / (totals[number] || 1);
  });
  for (let row = 0; row < size; row++) weight[row] = rounded(weight[row]);
  return order.sort((a, b) => weight[b] - weight[a]); // stable
}

// E. B. Wilson's score interval at 95 %, as in counts.py.
function wilson(count, shots) {
  const share = count / shots;
  const scale = 1 + (Z95 * Z95) / shots;
  const centre = (share + (Z95 * Z95) / (2 * shots)) / scale;
  const half = (Z95 / scale) * Math.sqrt((share * (1 - share)) / shots + (Z95 * Z95) / (4 * shots * shots));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

// -- bit strings -------------------------------------------------------------------------------------------------

// The bit string of a row, lowest bit rightmost. `columns` says which bit of the key stands at which place.
function bitString(table, row, columns) {
  let text = "";
  for (let place = columns.length - 1; place >= 0; place--) {
    const column = columns[place];
    text += column < 0 ? "0" : (table.keys[row * table.words + (column >> 5)] >>> (column & 31)) & 1;
  }
  return text;
}

// With a space between registers, the first register rightmost, as Qiskit prints it.
function spaced(bits, registers) {
  if (registers.length < 2) return bits;
  const parts = [];
  let end = bits.length;
  for (const [, size] of registers) {
    parts.unshift(bits.slice(end - size, end));
    end -= size;
  }
  return parts.filter(Boolean).join(" ");
}

// Short enough to stand beside a bar: runs of equal bits where that does it, else without the middle.
function shortened(bits) {
  if (bits.length <= LABEL) return bits;
  const words = bits
    .replace(/(.)\1*/g, (run) => (run.length < LONG_RUN ? run : ` ${run[0]}\u00d7${run.length} `))
    .trim()
    .replace(/ +/g, " ");
  if (words.length <= LABEL) return words;
  const half = (LABEL - 1) >> 1;
  return `${bits.slice(0, half)}\u2026${bits.slice(-half)}`;
}

// -- the bits that somebody types --------------------------------------------------------------------------------

// "0,2", "0-3", a register's name, "c[1]": ascending, each once; null for nothing or "all". Throws a sentence. The
// same as bit_names.py, which is not asked: the kernel may be busy.
function parseBits(text, picture) {
  const tidy = text.trim().replace(/\s*([[\]:-])\s*/g, "$1");
  if (!tidy || tidy === "all") return null;
  const found = new Set();
  for (const word of tidy.split(/[,\s]+/).filter(Boolean)) oneWord(word, picture).forEach((bit) => found.add(bit));
  return [...found].sort((a, b) => a - b);
}

function oneWord(word, { bits, registers }) {
  const range = (low, high) => Array.from({ length: high - low + 1 }, (_, place) => low + place);
  let begin = 0;
  for (const [name, size] of registers) {
    if (word === name) return range(begin, begin + size - 1);
    const inner = word.startsWith(`${name}[`) && word.slice(name.length).match(/^\[(\d+)(?:[-:](\d+))?\]$/);
    if (inner) {
      const [low, high] = [Number(inner[1]), Number(inner[2] ?? inner[1])];
      if (low <= high && high < size) return range(begin + low, begin + high);
      throw new Error(`${name} has the bits ${name}[0] to ${name}[${size - 1}].`);
    }
    begin += size;
  }
  const numbers = word.match(/^(\d+)(?:[-:](\d+))?$/);
  const [low, high] = numbers ? [Number(numbers[1]), Number(numbers[2] ?? numbers[1])] : [1, 0];
  if (low <= high && high < bits) return range(low, high);
  const names = registers.length ? `, or a register: ${registers.map(([name]) => name).join(", ")}` : "";
  throw new Error(`No bit ${word.slice(0, LABEL)} here. Type bits from 0 to ${bits - 1}, such as 0,${bits - 1}${names}.`);
}
