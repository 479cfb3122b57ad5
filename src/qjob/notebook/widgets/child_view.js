// Shows another widget of the kernel's within an element of this one. Returns what takes it away again.
function childView(model, id, host, failed) {
  let view = null;
  let gone = false;

  const open = async () => {
    try {
      const made = await model.widget_manager.create_view(await model.widget_manager.get_model(id), {});
      if (gone) return made.remove(); // taken away meanwhile
      view = made;
      // attached the way JupyterLab does it where there is one: some widgets draw themselves only then
      const widget = view.luminoWidget ?? view.pWidget;
      if (widget?.constructor.attach && host.isConnected) widget.constructor.attach(widget, host);
      else host.append(view.el);
    } catch (error) {
      failed(error.message ?? String(error));
    }
  };
  open();
  return () => {
    gone = true;
    // one that JupyterLab attached it takes away only from the page, where it may not be any more
    if (view && !view.el.isConnected) document.body.append(view.el);
    view?.remove();
    view = null;
  };
}
