// The list of jobs goes on by itself as long as something on it does, and somebody looks: the parts of it that change are
// fetched again.

const PAUSE = 4000; // ms between two looks at the least
const SHARE = 10; // it rests so many times as long as a look has taken
const PATIENT = 30000; // ms between two looks where nothing goes on any more: there may be new jobs

function keepList() {
  let timer = 0;
  let since = 0; // when it was first not reached
  const goesOn = () => "open" in document.querySelector("#qjob-list").dataset;
  const later = (pause) => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, pause);
  };
  const look = async () => {
    const began = Date.now();
    if (await renew("qjob-count", "qjob-list")) {
      since = 0;
      trouble("");
    } else {
      since ||= began;
      const why = await obstacle();
      if (why === "signed out") trouble(`${SIGNED_OUT}.`, true);
      else trouble(goneSince(since));
    }
    later(Math.max(goesOn() ? PAUSE : PATIENT, SHARE * (Date.now() - began)));
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : later(0)));
  window.addEventListener("pageshow", (event) => event.persisted && later(0));
  later(goesOn() ? PAUSE : PATIENT);
}

if (document.querySelector("#qjob-list")) keepList();
