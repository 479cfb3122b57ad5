// What the parts of the form share: it stands before each of them in the same module.

const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text; // else screen readers and selections are left in peace
};

const writeOrHide = (node, text) => {
  write(node, text ?? "");
  node.hidden = !text;
};

function element(parent, name, attributes = {}, tag = "div") {
  const node = document.createElement(tag);
  node.className = name;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

// A control whose keys are its own: in command mode a focused one lets JupyterLab's through, and "x" cuts the cell.
function control(parent, name, tag, attributes = {}) {
  const node = element(parent, name, attributes, tag);
  node.dataset.lmSuppressShortcuts = "true";
  return node;
}

let made = 0;
const unique = (what) => `qjob-form-${what}-${(made += 1)}-${Math.random().toString(36).slice(2)}`;
