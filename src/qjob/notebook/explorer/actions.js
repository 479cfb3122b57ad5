// What can be done with the selected jobs. Nothing happens with the first press: it asks what would happen, and a
// second button, which goes away by itself, does it.

function actions(parent, say, send) {
  const bar = element(parent, "qjobx-actions", { role: "group", "aria-label": "Selected jobs", hidden: "" });
  const line = element(bar, "qjobx-line");
  const many = element(line, "qjobx-selected", {}, "span");
  let ids = [];
  let hidden = 0; // how many of them are not on the page
  let asked = 0; // the number of the question under way
  let timer = 0;
  let since = 0; // when the question was put
  let back = null; // what has the focus when a question is closed

  const press = (what) => () => {
    open(bar);
    erasing = what === "delete";
    asked = send({ type: "plan", what, ids });
    write(question.text, "…");
  };
  const compare = button(line, "", "Compare", () => send({ type: "open", ids }));
  button(line, "", "Cancel", press("cancel"));
  button(line, "", "Run again", press("retry"));
  button(line, "", "Tag…", () => type("tag", "Tags to set, such as run=7; run= takes one away", "run=7", "Set tags"));
  button(line, "", "Export…", () => type("export", "File to write, .json or .csv", "qjob-jobs.json", "Write", true));
  button(line, "", "Erase…", press("delete"));
  const none = button(line, "qjobx-quiet-button", "Select none", () => clear());

  const question = build(bar);
  const count = () => write(many, `${number(ids.length)} selected${hidden ? `, ${number(hidden)} not shown here` : ""}`);
  const clear = () => {
    close();
    selected();
  };
  let selected = () => {};

  function build(into) {
    const box = element(into, "qjobx-question", { role: "group", "aria-label": "Please confirm", hidden: "" });
    const text = element(box, "qjobx-text", { role: "status", "aria-live": "polite" });
    const answers = element(box, "qjobx-line");
    const field = input(answers, "qjobx-field", "", { spellcheck: "false" });
    const confirm = button(answers, "qjobx-confirm", "", (event) => agree(event));
    const no = button(answers, "", "Not now", () => close());
    field.addEventListener("keydown", (event) => event.key === "Enter" && agree());
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    });
    return { box, text, field, confirm, no };
  }

  let typed = ""; // what the field is for
  let erasing = false; // what is erased is selected no more
  function open(place) {
    say("");
    clearTimeout(timer);
    back = document.activeElement;
    typed = "";
    erasing = false;
    place.append(question.box);
    question.box.hidden = false;
    question.field.hidden = true;
    question.confirm.hidden = true;
    question.confirm.classList.remove("qjobx-grave", "qjobx-armed");
  }
  function close() {
    clearTimeout(timer);
    asked = 0;
    const had = question.box.contains(document.activeElement);
    question.box.hidden = true;
    if (had) back?.focus();
  }
  function type(what, text, value, label, keep) {
    open(bar);
    typed = what;
    write(question.text, text);
    question.field.hidden = false;
    question.field.setAttribute("aria-label", text);
    question.field.placeholder = value;
    question.field.value = keep ? value : "";
    question.confirm.hidden = false;
    write(question.confirm, label);
    question.field.focus();
    question.field.select();
  }
  function agree(event) {
    if (question.confirm.hidden) return;
    if (!typed && event && tooSoon(event, since)) return;
    const message = typed ? { type: "do", what: typed, ids, text: question.field.value } : { type: "do", ask: asked };
    const number = send(message);
    asked = message.ask ?? number;
    clearTimeout(timer);
    question.confirm.classList.remove("qjobx-armed");
    question.confirm.hidden = true;
    write(question.text, "Working…");
    question.field.hidden = true;
  }
  return {
    // what was selected has changed: what was asked for is no longer so
    show(selection) {
      ids = [...selection];
      close();
      bar.hidden = !ids.length;
      count();
      disable(compare, ids.length < 2);
      compare.title = ids.length < 2 ? "Select two or more" : "";
    },
    unseen(jobs) {
      hidden = jobs;
      count();
    },
    onClear: (action) => (selected = action),
    gc(older, place) {
      open(place);
      asked = send({ type: "plan", what: "gc", ids: [], text: older });
      write(question.text, "…");
    },
    plan({ ask, text, confirm, grave }) {
      if (ask !== asked) return;
      write(question.text, text);
      question.confirm.hidden = !confirm;
      write(question.confirm, confirm);
      question.confirm.classList.toggle("qjobx-grave", grave);
      if (!confirm) return void question.no.focus();
      question.confirm.classList.add("qjobx-armed");
      since = performance.now();
      question.confirm.focus();
      timer = setTimeout(close, DISARM);
    },
    done({ ask, text }) {
      if (ask === asked) close();
      if (erasing) clear();
      say(text);
    },
    refused({ ask, text }) {
      if (ask === asked) close();
      say(text, true);
    },
    stop: () => clearTimeout(timer),
    close,
  };
}
