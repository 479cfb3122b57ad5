// The backends: radio buttons in their tiers, with price, device and fit; what does not fit is shown and cannot be
// chosen. It draws the rows that rows.py makes.

function render({ model, el }) {
  const group = unique("backend");
  const field = element(el, "qform-field");
  const heading = element(field, "qform-name", { id: unique("heading") });
  write(heading, "Backend");
  const list = element(field, "qform-backends", { role: "radiogroup", "aria-labelledby": heading.id });
  const tiers = new Map();
  const rows = new Map();

  const tierOf = (name) => {
    if (!tiers.has(name)) {
      const box = element(list, "qform-tier", { role: "group", "aria-label": name });
      write(element(box, "qform-tier-name", { "aria-hidden": "true" }), name);
      tiers.set(name, box);
    }
    return tiers.get(name);
  };
  const add = (slug, tier) => {
    const node = element(tierOf(tier), "qform-backend", {}, "label");
    const radio = control(node, "qform-radio", "input", { type: "radio", name: group, value: slug });
    const row = { node, radio };
    write(element(node, "qform-slug", {}, "span"), slug);
    row.price = element(node, "qform-price", {}, "span");
    row.device = element(node, "qform-quiet qform-device", {}, "span");
    row.problem = element(node, "qform-quiet qform-problem", {}, "span");
    radio.addEventListener("change", () => {
      model.set("value", slug);
      model.save_changes();
    });
    rows.set(slug, row);
    return row;
  };
  const check = (scroll) => {
    const chosen = rows.get(model.get("value"));
    if (!chosen) return;
    chosen.radio.checked = true;
    if (!scroll || chosen.radio.matches(":focus")) return;
    const [top, height] = [chosen.node.offsetTop - list.offsetTop, chosen.node.offsetHeight];
    if (top < list.scrollTop || top + height > list.scrollTop + list.clientHeight) list.scrollTop = top - 30;
  };
  const draw = () => {
    for (const [slug, tier, price, device, problem, about] of model.get("rows")) {
      const row = rows.get(slug) ?? add(slug, tier);
      write(row.price, price);
      writeOrHide(row.device, device);
      writeOrHide(row.problem, problem);
      row.node.title = about;
      row.radio.disabled = Boolean(problem);
      row.node.classList.toggle("qform-unfit", Boolean(problem));
    }
    check(false);
  };
  model.on("change:rows", draw);
  model.on("change:value", () => check(true));
  draw();
  requestAnimationFrame(() => check(true)); // once it has a size
}

export default { render };
