// A cell's output is HTML that stays in the notebook; a widget is drawn over it, once the page has it. So a saved notebook
// holds what can be read without a kernel, and no widget that nobody can draw then.
//
// mount(place) draws and returns what ends that. Where it `leaves`, it is ended when the place is taken out of the page,
// and drawn anew when it is back (a cell that scrolls out of sight in a long notebook).
function drawOver(model, mount, { leaves = false } = {}) {
  let place = null;
  let kept = [];
  let unmount = null;

  const leave = () => {
    unmount?.();
    place?.replaceChildren(...kept);
    place = unmount = null;
  };
  const look = () => {
    if (place && (place.isConnected || !leaves)) return;
    leave();
    place = (model.get("anchor") && document.getElementById(model.get("anchor"))) || null;
    if (!place) return;
    if (!leaves) watcher.disconnect();
    place.classList.add("mathjax_ignore", "tex2jax_ignore"); // dollars, not formulas
    kept = [...place.childNodes];
    place.replaceChildren();
    unmount = mount(place);
  };
  const watcher = new MutationObserver(look);
  const begin = () => {
    if (!model.get("anchor") || place) return;
    watcher.observe(document.body, { childList: true, subtree: true });
    look();
  };
  model.on("change:anchor", begin);
  begin();
  return () => {
    watcher.disconnect();
    model.off("change:anchor", begin);
    leave();
  };
}
