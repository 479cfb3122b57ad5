// What the scripts of all pages share: parts that are fetched again, and trouble that is told. It stands behind the live
// card's module and before those that follow a job or the list.

const GONE = "There is no connection to the server";
const SIGNED_OUT = "You are not signed in any more";

// Tells what keeps a page from being what it says; nothing where all is well. A link leads to where one signs in again.
function trouble(text, signIn = false) {
  const shown = document.querySelector("#qjob-trouble");
  const said = document.querySelector("#qjob-said");
  if (shown.dataset.told === text) return;
  shown.dataset.told = text;
  shown.textContent = text;
  if (text || said.textContent) said.textContent = text;
  if (!signIn) return;
  shown.append(" ");
  Object.assign(element(shown, "", {}, "a"), { href: window.location.href, textContent: "Sign in again" });
}

const goneSince = (since) => `${GONE} since ${new Date(since).toISOString().slice(11, 16)} UTC; trying again.`;

// What stands in the way of this page, asked of the server: "signed out", "gone" (the page), "unreachable", or nothing.
async function obstacle() {
  try {
    const answer = await fetch(window.location.href, { redirect: "manual", headers: { Accept: "text/html" } });
    if (answer.type === "opaqueredirect" || [401, 403].includes(answer.status)) return "signed out";
    if (answer.status === 404) return "gone";
    return answer.ok ? "" : "unreachable";
  } catch {
    return "unreachable";
  }
}

// The counterpart of what has the focus, among newer parts.
function twin(node, within) {
  if (node.id) return within.id === node.id ? within : within.querySelector(`#${CSS.escape(node.id)}`);
  const same = (other) =>
    other.textContent === node.textContent && other.getAttribute("href") === node.getAttribute("href");
  return [...within.querySelectorAll(node.localName)].find(same);
}

// Puts newer parts in the place of these, as the server makes them now; what was unfolded stays so, and the focus stays
// where it is. Resolves to whether that went well.
async function renew(...ids) {
  let page;
  try {
    const answer = await fetch(window.location.href, { redirect: "manual", headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return false; // the server does not answer; who follows it tells so
  }
  for (const id of ids) {
    const old = document.getElementById(id);
    const fresh = page.getElementById(id);
    if (!old || !fresh) continue;
    for (const open of old.querySelectorAll("details[open]")) page.getElementById(open.id)?.setAttribute("open", "");
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(document.adoptNode(fresh));
    if (focused) (twin(focused, fresh) ?? fresh).focus({ preventScroll: true });
  }
  // forms of a page that was signed out and in again need the new token
  const token = page.querySelector("#qjob-live[data-xsrf]")?.dataset.xsrf;
  const live = document.querySelector("#qjob-live[data-xsrf]");
  if (token && live) live.dataset.xsrf = token;
  return true;
}

// The token of an address that was opened with one is in a cookie by now, and nobody's business.
const address = new URL(window.location.href);
if (address.searchParams.has("token")) {
  address.searchParams.delete("token");
  window.history.replaceState(window.history.state, "", address);
}
