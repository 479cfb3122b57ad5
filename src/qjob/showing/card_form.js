// "Run as job…" opens a form below the card, and closes it again. The form is a widget of its own, which the kernel makes;
// it is shown within the card, so that it leaves nothing of its own in the notebook.

function formButton(button, host, model, say) {
  let shown = ""; // the id of the form's model
  let end = null;
  let timer = 0;

  const close = () => {
    end?.();
    end = null;
    shown = "";
    host.replaceChildren();
  };
  const open = (id) => {
    shown = id;
    end = childView(model, id, host, (why) => say(`The form cannot be shown here (${why}).`));
  };
  const show = () => {
    const id = model.get("form");
    clearTimeout(timer);
    button.hidden = !id && (!model.get("has_form") || model.get("state").ended);
    button.setAttribute("aria-disabled", "false");
    button.setAttribute("aria-expanded", String(Boolean(id)));
    write(button, id ? "Close the form" : "Run as job…");
    host.hidden = !id;
    if (id === shown) return;
    close();
    if (id) open(id);
  };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    say("");
    button.setAttribute("aria-disabled", "true");
    if (!model.get("form")) write(button, "Opening…");
    model.send({ type: "form", open: !model.get("form") });
    timer = setTimeout(() => say("The form waits for the kernel, which is busy."), GIVE_UP);
  });
  model.on("change:form", show);
  return {
    show,
    end: () => {
      clearTimeout(timer);
      model.off("change:form", show);
      close();
    },
  };
}
