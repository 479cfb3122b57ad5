// What all parts of the live card are made with, beside dom.js: buttons, numbers. The files of the card are one module,
// in the order of assets.py.

const number = (value) => value.toLocaleString("en-US");
const percent = (share, digits) => `${(100 * share).toFixed(digits)}\u00a0%`;

function button(parent, name) {
  return oncePressed(focusable(element(parent, name, { type: "button" }, "button")));
}

// Where something of the Jupyter server lies; null where this front end tells of none.
function onServer(path) {
  const config = document.querySelector("#jupyter-config-data");
  return config && new URL(path, new URL(JSON.parse(config.textContent).baseUrl, window.location.origin));
}
