// The buttons of the live card that need an answer: Cancel, in two steps, and Confirm. Both must work, or say why they
// do not, while the kernel is busy.

const DISARM = 5000; // ms after which an armed Cancel button goes back (also in card.css)
const PATIENCE = 400; // ms the kernel gets to act on a cancel before the server is asked as well
const GIVE_UP = 6000; // ms without any effect after which the card says so

// Asks the server extension, which answers while the kernel is busy. Resolves to "" or to why it did not work.
async function askServer(path) {
  if (!path) return "there is no other way to cancel this";
  try {
    const url = onServer(path);
    if (!url) return "this front end has no Jupyter server to ask";
    if (url.origin !== window.location.origin) return "the cancel address lies on another host";
    const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
    const headers = xsrf ? { "X-XSRFToken": decodeURIComponent(xsrf) } : {};
    const answer = await fetch(url, { method: "POST", headers, credentials: "same-origin" });
    // 409: the job has ended or is being cancelled already
    return answer.ok || answer.status === 409 ? "" : `the server answered ${answer.status}`;
  } catch (error) {
    return String(error.message ?? error);
  }
}

// "Cancel" -> "Really cancel?" -> "Cancelling…". Nothing happens before the second step.
function cancelButton(button, model, say) {
  let step = "ready";
  let armedAt = 0;
  let timers = [];
  const later = (action, delay) => timers.push(setTimeout(action, delay));
  const open = () => model.get("state").cancellable;

  const enter = (next, text) => {
    timers.forEach(clearTimeout);
    timers = [];
    step = next;
    write(button, text);
    button.classList.toggle("qjob-armed", step === "armed");
    button.setAttribute("aria-disabled", String(step === "asked"));
    document.removeEventListener("keydown", onEscape, true);
    if (step === "armed") document.addEventListener("keydown", onEscape, true);
  };
  const ready = () => enter("ready", "Cancel");
  const onEscape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    ready();
  };
  const ask = () => {
    enter("asked", "Cancelling…");
    model.send({ type: "cancel" });
    let problem = "";
    const giveUp = (text) => {
      if (!open() || !problem) return; // the server took it; the card follows when the kernel is free
      say(text);
      ready();
    };
    if (model.askServer) {
      // there is no kernel to wait for: the server's answer is the only one
      later(async () => {
        problem = await model.askServer(model.get("cancel_url"));
        giveUp(`It is not cancelled: ${problem}.`);
      }, 0);
      return;
    }
    later(async () => {
      if (open()) problem = await askServer(model.get("cancel_url"));
    }, PATIENCE);
    later(() => giveUp(`The cancel waits for the kernel, which is busy (${problem}).`), GIVE_UP);
  };
  button.addEventListener("click", (event) => {
    if (event.detail > 1 || (step === "armed" && tooSoon(event, armedAt))) return;
    if (step === "armed") ask();
    else if (step === "ready") {
      armedAt = performance.now();
      enter("armed", model.get("state").really ?? "Really cancel?");
      later(ready, DISARM);
    }
  });
  ready();
  return {
    ready,
    refused: () => step === "asked" && ready(),
    // the state that answers: nothing left to cancel, or a cancel that began elsewhere
    show(state) {
      button.hidden = state.ended;
      if (!state.cancellable && step !== "asked") enter("asked", "Cancelling…");
      if (state.ended) ready();
    },
  };
}

// -- confirming ------------------------------------------------------------------------------------------------

// "Confirm $3.75" -> "Confirming…", once; the state that answers has no such button, or a refusal gives it back.
function confirmButton(button, model, say) {
  let timer = 0;
  const ready = () => {
    clearTimeout(timer);
    button.setAttribute("aria-disabled", "false");
    write(button, model.get("state").confirm ?? "");
  };
  button.addEventListener("click", (event) => {
    if (event.detail > 1 || button.getAttribute("aria-disabled") === "true") return;
    say("");
    button.setAttribute("aria-disabled", "true");
    write(button, "Confirming…");
    model.send({ type: "confirm" });
    timer = setTimeout(() => say("The confirmation waits for the kernel, which is busy."), GIVE_UP);
  });
  return {
    ready,
    show(state) {
      if (!button.hidden && !state.confirm) say(""); // what was said of it is no longer so
      button.hidden = !state.confirm;
      if (button.hidden) ready();
      else if (button.getAttribute("aria-disabled") !== "true") ready();
    },
  };
}
