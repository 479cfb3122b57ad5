// The tabs of what is opened. What is a widget itself (a card, a picture) stands below, in the kernel's own box.

function render({ model, el }) {
  const root = focusable(element(el, "qjobx qjobx-detail", { role: "region" }));
  const head = element(root, "qjobx-line qjobx-foot");
  const title = element(head, "qjobx-opened-title", { role: "heading", "aria-level": "3" });
  const shut = button(head, "", "Close", () => model.send({ type: "close" }));
  shut.setAttribute("aria-label", "Close what is opened");
  const list = element(root, "qjobx-tabs", { role: "tablist" });
  const panel = focusable(element(root, "qjobx-panel", { role: "tabpanel", tabindex: "0" }));
  const unique = `qjobx-${Math.random().toString(36).slice(2)}`;
  panel.id = `${unique}-panel`;

  const go = (tab) => {
    mark(tab); // at once; the kernel's answer follows
    model.send({ type: "tab", tab });
  };
  const tabs = () => [...list.children];
  const mark = (tab) => {
    for (const each of tabs()) {
      const on = each.dataset.tab === tab;
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      if (on) panel.setAttribute("aria-labelledby", each.id);
    }
  };
  list.addEventListener("keydown", (event) => {
    const all = tabs();
    const at = all.indexOf(document.activeElement);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1 + all.length, Home: 0, End: all.length - 1 };
    if (at < 0 || steps[event.key] === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = all[steps[event.key] % all.length];
    next.focus();
    go(next.dataset.tab);
  });

  const drawTabs = () => {
    const wanted = model.get("tabs");
    if (tabs().map((each) => each.dataset.tab).join() !== wanted.map(([key]) => key).join()) {
      list.replaceChildren();
      for (const [key, text] of wanted) {
        const tab = button(list, "qjobx-tab-button", text, () => go(key));
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-controls", panel.id);
        tab.id = `${unique}-${key}`;
        tab.dataset.tab = key;
      }
    }
    list.hidden = wanted.length < 2;
    mark(model.get("tab"));
  };
  const drawPanel = () => {
    // the kernel makes this HTML and escapes all that came from outside; it is styled by explorer.css alone
    panel.innerHTML = model.get("html");
    panel.hidden = !model.get("html");
  };
  const drawTitle = () => {
    write(title, model.get("title"));
    root.setAttribute("aria-label", `Opened: ${model.get("title")}`);
    list.setAttribute("aria-label", model.get("title"));
  };
  const kernelGone = () => {
    for (const node of [list, shut]) node.inert = true;
  };
  model.on("change:title", drawTitle);
  model.on("change:tabs", drawTabs);
  model.on("change:tab", () => mark(model.get("tab")));
  model.on("change:html", drawPanel);
  model.on("comm_live_update", function () {
    if (this?.model?.comm_live !== true) kernelGone();
  });
  drawTitle();
  drawTabs();
  drawPanel();
}

export default { render };
