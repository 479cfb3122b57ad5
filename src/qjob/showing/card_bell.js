// Tells the end of a long job where the tab is in the background, if the user wants that: by a notification of the
// browser where it may, else by the title of the tab. Permission is asked for when the bell is pressed, and only then.

const SVG = "http://www.w3.org/2000/svg";
const BELL = "M8 2a4 4 0 0 0-4 4v3l-1.5 2.5h11L12 9V6a4 4 0 0 0-4-4zM6.5 13a1.5 1.5 0 0 0 3 0";

// Notifications exist on secure origins only (https, localhost).
const canNotify = () => window.isSecureContext && "Notification" in window;
const mayNotify = () => canNotify() && Notification.permission === "granted";

function bellButton(button, model) {
  const icon = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", "aria-hidden": "true" })) icon.setAttribute(key, value);
  icon.append(document.createElementNS(SVG, "path"));
  icon.firstChild.setAttribute("d", BELL);
  button.append(icon);

  const show = () => {
    const on = model.get("notify");
    const by = mayNotify() ? "The browser tells" : "The title of this tab tells";
    button.setAttribute("aria-pressed", String(on));
    button.setAttribute("aria-label", "Tell when it ends");
    button.title = on
      ? `${by} when a long job ends while this tab is in the background. Press to turn off.`
      : "Tell when a long job ends while this tab is in the background";
  };
  button.addEventListener("click", async () => {
    const on = !model.get("notify");
    model.set("notify", on); // at once, however busy the kernel is
    model.send({ type: "notify", on });
    show();
    if (on && canNotify() && Notification.permission === "default") {
      await Notification.requestPermission();
      show();
    }
  });
  show();
  return show;
}

// Puts what is told before the title of the tab until somebody looks.
function tellByTitle(text) {
  const before = document.title;
  document.title = `${text} · ${before}`;
  const seen = () => {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", seen);
    if (document.title.startsWith(text)) document.title = before;
  };
  document.addEventListener("visibilitychange", seen);
}

function tellByNotification(text, { told, id }) {
  // one notification a job, however many cards show it
  const shown = new Notification(text, { body: told, tag: `qjob-${id}` });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}

// Watches one card's job, whether or not the card itself is in sight; returns what ends the watch.
function watchForEnd(model) {
  let ended = model.get("state").ended;
  const look = () => {
    const state = model.get("state");
    const now = state.ended && !ended;
    ended = state.ended;
    if (!now || !state.told || !model.get("notify") || !document.hidden) return;
    const text = `${state.title}: ${state.heading ?? state.status}`;
    if (!mayNotify()) return tellByTitle(text);
    try {
      tellByNotification(text, state);
    } catch {
      tellByTitle(text); // some browsers of phones have notifications that pages may not show
    }
  };
  model.on("change:state", look);
  return () => model.off("change:state", look);
}
