// What all parts of the explorer are made of, beside dom.js: buttons, times as people read them. Knows no job.

const DISARM = 15000; // ms that a question stays open: there is a sentence to be read first
const PATIENCE = 1500; // ms after which it is said that the kernel does not answer

const number = (value) => value.toLocaleString("en-US");

function button(parent, name, text, press) {
  const node = oncePressed(focusable(element(parent, `qjobx-button ${name}`, { type: "button" }, "button")));
  node.textContent = text;
  if (press) node.addEventListener("click", (event) => node.getAttribute("aria-disabled") !== "true" && press(event));
  return node;
}

function input(parent, name, label, attributes = {}) {
  return focusable(element(parent, `qjobx-input ${name}`, { "aria-label": label, ...attributes }, "input"));
}

function disable(node, disabled) {
  node.setAttribute("aria-disabled", String(disabled));
}

const two = (value) => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// A time of the browser's own zone: the day only where it is not today, the year only where it is another one.
function localTime(seconds) {
  const at = new Date(1000 * seconds);
  const now = new Date();
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return `${time}:${two(at.getSeconds())}`;
  const day = `${at.getDate()} ${MONTHS[at.getMonth()]}`;
  return at.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${at.getFullYear()}`;
}

const utcTime = (seconds) => `${new Date(1000 * seconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function span(seconds) {
  if (seconds < 0.0005) return "under 1 ms";
  if (seconds < 0.9995) return `${(1000 * seconds).toFixed(0)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
