// Draws any widget of the kernel's over HTML that stays. What is drawn is no document, so the styles that JupyterLab has
// for tables and code in documents are not for it as long as it is there.
const DOCUMENT = "jp-RenderedHTMLCommon";

function mount(model, place) {
  const host = place.parentNode;
  const styled = host.classList.contains(DOCUMENT);
  host.classList.remove(DOCUMENT);
  const end = childView(model, model.get("child"), place, (why) => {
    place.textContent = `This cannot be shown here (${why}).`;
  });
  // what replaces the place is a document again
  const watcher = new MutationObserver(() => {
    if (styled && place.parentNode !== host) host.classList.add(DOCUMENT);
  });
  watcher.observe(host, { childList: true });
  return () => {
    watcher.disconnect();
    if (styled) host.classList.add(DOCUMENT);
    end();
  };
}

function initialize({ model }) {
  return drawOver(model, (place) => mount(model, place), { leaves: true });
}

export default { initialize, render() {} };
