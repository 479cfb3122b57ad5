// "Run as job…" opens a form below the card, and closes it again. The form is a widget of its own, which the kernel makes;
// it is shown within the card, so that it leaves nothing of its own in the notebook.

function formButton(button, host, model, say) {
  let shown = null; // the form's view, and the id of its model
  let timer = 0;

  const close = () => {
    shown?.view?.remove();
    shown = null;
    host.replaceChildren();
  };
  const open = async (id) => {
    const mine = (shown = { id });
    try {
      const form = await model.widget_manager.get_model(id);
      const view = await model.widget_manager.create_view(form, {});
      if (shown !== mine) return view.remove(); // closed meanwhile
      mine.view = view;
      // attached the way JupyterLab does it where there is one: some widgets draw themselves only then
      const widget = view.luminoWidget ?? view.pWidget;
      if (widget?.constructor.attach && host.isConnected) widget.constructor.attach(widget, host);
      else host.append(view.el);
    } catch (error) {
      say(`The form cannot be shown here (${error.message ?? error}).`);
    }
  };
  const show = () => {
    const id = model.get("form");
    clearTimeout(timer);
    button.hidden = !id && (!model.get("has_form") || model.get("state").ended);
    button.setAttribute("aria-disabled", "false");
    button.setAttribute("aria-expanded", String(Boolean(id)));
    write(button, id ? "Close the form" : "Run as job…");
    host.hidden = !id;
    if (id === (shown?.id ?? "")) return;
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
