// What the page of a job or a batch adds to the live card's module: it follows the stream and hands each state to the card.
// What else is on the page is made by the server; it is fetched again when it has changed.

const AGAIN_AFTER = [1000, 2000, 5000, 15000]; // ms before the stream is asked for again once it was refused
const SETTLED = 400; // ms until bars have grown
const UNNOTICED = 4000; // ms that a stream may be away before it is told: now and then it is closed and opened anew
const SILENT = 45000; // ms without news after which it is asked whether the server still lives
const BETWEEN = 1000; // ms between two renewals of what is below the card, at the least
const LAST = 5000; // ms until the page of what has ended is asked for once more

// What the card takes for the model of a widget.
function pageModel(root) {
  const values = { state: null, notify: false, has_form: false, form: "", cancel_url: root.dataset.cancel, lost: false };
  const heard = new Map();
  return {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      heard.get(`change:${name}`)?.forEach((callback) => callback());
    },
    on: (name, callback) => heard.set(name, (heard.get(name) ?? new Set()).add(callback)),
    off: (name, callback) => heard.get(name)?.delete(callback),
    send() {}, // there is no kernel
    askServer: (path) => post(path, root.dataset.xsrf),
  };
}

// Sends a form. Resolves to "" or to why it did not work.
async function post(path, token) {
  try {
    const answer = await fetch(path, { method: "POST", headers: { "X-XSRFToken": token } });
    if (answer.ok) return "";
    if (answer.status === 403 && (await obstacle()) === "signed out") {
      trouble(`${SIGNED_OUT}.`, true);
      return "you are not signed in any more";
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelector(".qjobp-refused")?.textContent.replace(/\.$/, "");
    return said || `the server answered ${answer.status}`;
  } catch {
    return "there is no connection to the server";
  }
}

// Renews what is below the card, not too often, and once more where it changed meanwhile.
function renewing(...ids) {
  let running = false;
  let again = false;
  return async function now() {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await renew(...ids);
      await new Promise((done) => setTimeout(done, BETWEEN));
    }
    running = false;
  };
}

function follow(root) {
  const model = pageModel(root);
  const heading = document.querySelector("#qjob-heading");
  const said = document.querySelector("#qjob-said");
  const renewRest = renewing("qjob-rest");
  let source = null;
  let timer = 0;
  let patience = 0;
  let refused = 0; // how often in a row
  let since = 0; // when the stream was lost
  let told = false; // that something is wrong with it
  let heard = Date.now();
  let seen = null;
  let over = false;

  const lose = (text, signIn) => {
    if (over) return;
    told = true;
    trouble(text, signIn);
    if (model.get("state") && !model.get("lost")) model.set("lost", true);
  };
  const found = () => {
    clearTimeout(patience);
    heard = Date.now();
    since = patience = refused = 0;
    if (!told) return;
    told = false;
    trouble("");
    model.set("lost", false);
    renewRest(); // the token of its forms may be another one
  };
  const miss = () => {
    since ||= Date.now();
    patience ||= setTimeout(() => lose(goneSince(since)), UNNOTICED);
  };
  const show = ({ card, status, attempt, task, progress }) => {
    found();
    delete card.confirm; // money is agreed to where the job was submitted
    const first = model.get("state") === null;
    const held = root.contains(document.activeElement);
    model.set("state", card);
    if (first) {
      document.documentElement.classList.add("qjob-live");
      root.replaceChildren();
      render({ model, el: root });
      watchForEnd(model);
    }
    if (held && !root.contains(document.activeElement)) root.focus({ preventScroll: true }); // its button has gone
    if (!document.hidden) document.title = `${card.title}: ${status} · qjob`;
    write(heading, `${card.title}: ${status}`);
    const now = JSON.stringify([status, attempt, task, progress.statuses]);
    if (seen !== null && seen !== now && !card.ended) renewRest();
    seen = now;
  };
  const settle = async () => {
    if (!(await renew("qjob-live", "qjob-rest"))) return void setTimeout(settle, LAST);
    const { title, status, heading: whole } = model.get("state") ?? {};
    write(said, `${title}: ${whole ?? status}`); // the card that would have said it is gone
  };
  const end = () => {
    over = true;
    close();
    setTimeout(settle, SETTLED);
  };
  const close = () => {
    clearTimeout(timer);
    clearTimeout(patience);
    patience = since = 0;
    source?.close();
    source = null;
  };
  const refuse = async () => {
    source = null;
    timer = setTimeout(open, AGAIN_AFTER[Math.min(refused++, AGAIN_AFTER.length - 1)]);
    const why = await obstacle();
    if (source?.readyState === EventSource.OPEN) return;
    if (why === "signed out") lose(`${SIGNED_OUT}.`, true);
    else if (why === "gone") lose("The server does not know it any more.");
    else miss();
  };
  const open = () => {
    if (source || over) return;
    clearTimeout(timer);
    heard = Date.now();
    source = new EventSource(root.dataset.stream);
    // whoever gets a new one is signed in
    source.addEventListener("open", () => (told ||= Boolean(document.querySelector("#qjob-trouble").textContent)));
    source.addEventListener("snapshot", (event) => show(JSON.parse(event.data)));
    source.addEventListener("end", end);
    source.addEventListener("error", () => {
      if (source?.readyState === EventSource.CLOSED) refuse();
      else miss(); // it tries again by itself
    });
  };
  // A line may be dead without anybody being told. The style is a small file that everybody may have.
  const look = async () => {
    if (!source || source.readyState !== EventSource.OPEN || Date.now() - heard < SILENT) return;
    try {
      const style = document.querySelector("link[rel=stylesheet]").href;
      await fetch(style, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      heard = Date.now();
    } catch {
      close();
      miss();
      open();
    }
  };
  setInterval(look, SILENT / 4);
  window.addEventListener("offline", () => !over && source && miss());
  window.addEventListener("online", () => !over && source && (close(), open()));
  // A browser has few connections for all pages of one server, notebooks among them: who does not look needs none.
  document.addEventListener("visibilitychange", () => (document.hidden && !model.get("notify") ? close() : open()));
  window.addEventListener("pageshow", (event) => event.persisted && (close(), open()));
  if (!document.hidden) open();
}

const root = document.querySelector("#qjob-live");
if (root?.dataset.stream) follow(root);
