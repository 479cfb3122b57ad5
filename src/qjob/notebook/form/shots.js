// The number of shots: a slider from 1 to 100,000 whose steps are even on a logarithmic scale, and a field for the
// exact number. The field is text: what is no number of shots is refused in the words of a line.

const STEPS = 100; // a factor of ten
const MOST = 5; // powers of ten

const placeOf = (shots) => Math.round(STEPS * Math.log10(shots));
// two digits that matter: nobody wants 10,233 shots from a slider
const shotsAt = (place) => Number((10 ** (place / STEPS)).toPrecision(place < STEPS ? 1 : 2));

function render({ model, el }) {
  const field = element(el, "qform-field");
  const id = unique("shots");
  write(element(field, "qform-name", { for: id }, "label"), "Shots");
  const box = element(field, "qform-shots");
  const slider = control(box, "qform-slider", "input", {
    type: "range", min: "0", max: String(MOST * STEPS), step: "1", "aria-label": "Shots, by slider",
  });
  const text = control(box, "qform-number", "input", { id, inputmode: "numeric", autocomplete: "off", spellcheck: "false" });

  const tell = (value) => {
    model.set("value", value);
    model.save_changes();
  };
  const draw = () => {
    const value = model.get("value");
    const shots = Number(value.replaceAll("_", ""));
    if (text.value !== value) text.value = value;
    if (shots >= 1) {
      if (shotsAt(Number(slider.value)) !== shots) slider.value = String(Math.min(placeOf(shots), MOST * STEPS));
      slider.setAttribute("aria-valuetext", `${shots.toLocaleString("en-US")} shots`);
    }
  };
  slider.addEventListener("input", () => tell(String(shotsAt(Number(slider.value)))));
  text.addEventListener("input", () => tell(text.value.replaceAll(",", "").trim()));
  text.addEventListener("blur", draw);
  model.on("change:value", () => {
    if (document.activeElement !== text || text.value.replaceAll(",", "").trim() !== model.get("value")) draw();
    else slider.value = String(Math.min(placeOf(Math.max(1, Number(model.get("value")) || 1)), MOST * STEPS));
  });
  draw();
}

export default { render };
