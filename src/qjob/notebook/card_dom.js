// What all parts of the live card are made with: elements, text that changes, numbers. The files of the card are one
// module, in the order of card.py; this one comes first.

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
