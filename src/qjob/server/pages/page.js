// What a page adds to the live card's module, which stands before this: it follows the stream of its job or batch and
// hands each state to the card. What else is on the page is made by the server; it is fetched again when it has changed.

const AGAIN_AFTER = [1000, 2000, 5000, 15000]; // ms before the stream is asked for again once it was refused
const SETTLED = 400; // ms until bars have grown

// What the card takes for the model of a widget.
function pageModel(root) {
  const values = { state: null, notify: false, has_form: false, form: "", cancel_url: root.dataset.cancel };
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
    async askServer(path) {
      try {
        const answer = await fetch(path, { method: "POST", headers: { "X-XSRFToken": root.dataset.xsrf } });
        return answer.ok ? "" : `the server answered ${answer.status}`;
      } catch (error) {
        return String(error.message ?? error);
      }
    },
  };
}

// Puts newer parts in the place of these, as the server makes them now; what was unfolded stays so.
async function renew(...ids) {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ids) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) continue;
    for (const open of old.querySelectorAll("details[open]")) page.getElementById(open.id)?.setAttribute("open", "");
    const focused = old.contains(document.activeElement);
    old.replaceWith(document.adoptNode(fresh));
    if (focused) (fresh.tabIndex >= -1 ? fresh : document.body).focus();
  }
  return true;
}

function follow(root) {
  const model = pageModel(root);
  const said = document.querySelector("#qjob-said");
  let source = null;
  let timer = 0;
  let refused = 0; // how often in a row
  let seen = null;
  let over = false;

  const show = ({ card, status, attempt, task }) => {
    refused = 0;
    delete card.confirm; // money is agreed to where the job was submitted
    const first = model.get("state") === null;
    model.set("state", card);
    if (first) {
      document.documentElement.classList.add("qjob-live");
      root.replaceChildren();
      render({ model, el: root });
      watchForEnd(model);
    }
    if (!document.hidden) document.title = `${card.title}: ${status} · qjob`;
    const now = JSON.stringify([status, attempt, task]);
    if (seen !== null && seen !== now && !card.ended) renew("qjob-rest");
    seen = now;
  };
  const end = () => {
    over = true;
    close();
    const { title, status, heading } = model.get("state") ?? {};
    setTimeout(async () => {
      if (!(await renew("qjob-live", "qjob-rest"))) return;
      write(said, `${title}: ${heading ?? status}`); // the card that would have said it is gone
    }, SETTLED);
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    if (source || over) return;
    clearTimeout(timer);
    source = new EventSource(root.dataset.stream);
    source.addEventListener("snapshot", (event) => show(JSON.parse(event.data)));
    source.addEventListener("end", end);
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
      source = null;
      timer = setTimeout(open, AGAIN_AFTER[Math.min(refused++, AGAIN_AFTER.length - 1)]);
    });
  };
  // A browser has few connections for all pages of one server, notebooks among them: who does not look needs none.
  document.addEventListener("visibilitychange", () => (document.hidden && !model.get("notify") ? close() : open()));
  window.addEventListener("pageshow", (event) => event.persisted && (close(), open()));
  if (!document.hidden) open();
}

const root = document.querySelector("#qjob-live");
if (root?.dataset.stream) follow(root);
