// What all parts of the live card are made with: elements, text that changes, numbers. The files of the card are one
// module, in the order of assets.py; this one comes first.

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
  oncePressed(node);
  return node;
}

// A key that is held presses a button once: what asks twice is not answered by the same press.
function oncePressed(node) {
  node.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
}

const AGAIN = 500; // ms within which a second press of a key belongs to the first

// Whether a click is the second of two taps of a key, which are one.
function tooSoon(event, since) {
  return event.detail === 0 && performance.now() - since < AGAIN;
}

// Writes text only where it changes, so that screen readers and selections are left in peace.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Where something of the Jupyter server lies; null where this front end tells of none.
function onServer(path) {
  const config = document.querySelector("#jupyter-config-data");
  return config && new URL(path, new URL(JSON.parse(config.textContent).baseUrl, window.location.origin));
}

function writeOrHide(node, text) {
  write(node, text ?? "");
  node.hidden = !text;
}
