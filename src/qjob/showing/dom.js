// What everything drawn in a browser is made with: elements, keys, text that changes. Knows no part of any view. It
// stands first in each module that uses it.

function element(parent, name, attributes = {}, tag = "div") {
  const node = document.createElement(tag);
  node.className = name;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

// Whatever takes the keyboard's focus: without this JupyterLab's keys get through in command mode ("x" cuts the cell).
function focusable(node) {
  node.dataset.lmSuppressShortcuts = "true";
  return node;
}

// A key that is held presses a button once: what asks twice is not answered by the same press.
function oncePressed(node) {
  node.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
  return node;
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

function writeOrHide(node, text) {
  write(node, text ?? "");
  node.hidden = !text;
}
