// The controls above the table. They say what is wanted and know nothing of what comes of it.

const DEBOUNCE = 250; // ms after the last key until typed text counts

function select(parent, label, options) {
  const node = focusable(element(parent, "qjobx-input qjobx-select", { "aria-label": label }, "select"));
  for (const [value, text] of options) {
    element(node, "", { value }, "option").textContent = text;
  }
  return node;
}

// A day of the browser's own zone, from and to the instants that the kernel filters by; "until" is the day's end.
function dayField(parent, label, end) {
  const wrap = element(parent, "qjobx-labelled", {}, "label");
  element(wrap, "", {}, "span").textContent = label;
  const node = focusable(element(wrap, "qjobx-input qjobx-day", { type: "date" }, "input"));
  let exact = ["", ""]; // the day shown, and the instant that it came from
  return {
    node,
    get value() {
      if (!node.value) return "";
      if (node.value === exact[0]) return exact[1];
      const [year, month, day] = node.value.split("-").map(Number);
      return new Date(year, month - 1, day + (end ? 1 : 0)).toISOString();
    },
    set value(instant) {
      const at = instant ? new Date(new Date(instant).getTime() - (end ? 1 : 0)) : null;
      node.value = at ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}` : "";
      exact = [node.value, instant];
    },
  };
}

function filters(parent, choices, change) {
  const bar = element(parent, "qjobx-filters", { role: "search", "aria-label": "Filter jobs" });
  const first = element(bar, "qjobx-line");
  const search = input(first, "qjobx-search", "Search in names, tags and ids", {
    type: "search",
    placeholder: "Search names, tags, ids",
  });
  const backend = select(first, "Backend", [
    ["", "all backends"],
    ...choices.backends.map(([slug]) => [slug, slug]),
  ]);
  const more = button(first, "qjobx-more", "More filters", () => unfold(rest.hidden));
  more.setAttribute("aria-expanded", "false");
  const clear = button(first, "qjobx-clear", "Clear filters", () => {
    show({ ...wanted, text: "", statuses: [], backend: "", tag: "", team: "", since: "", until: "" });
    search.focus();
    change(wanted);
  });

  const chips = element(bar, "qjobx-chips", { role: "group", "aria-label": "Status" });
  const byStatus = new Map(
    choices.statuses.map((status) => {
      const chip = button(chips, "qjobx-chip", "", () => {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        changed();
      });
      chip.dataset.status = status;
      element(chip, "qjobx-dot", {}, "span");
      element(chip, "", {}, "span").textContent = status.toLowerCase();
      const count = element(chip, "qjobx-many", {}, "span");
      return [status, { chip, count }];
    }),
  );

  const rest = element(bar, "qjobx-line qjobx-rest", { hidden: "" });
  const tag = input(rest, "qjobx-tag", "Tag, as key or key=value", { placeholder: "tag or tag=value" });
  const team = select(rest, "Team", [["", "all teams"], ...choices.teams]);
  const since = dayField(rest, "from", false);
  const until = dayField(rest, "to", true);
  let wanted = {};
  let timer = 0;

  const unfold = (open) => {
    rest.hidden = !open;
    more.setAttribute("aria-expanded", String(open));
    write(more, open ? "Fewer filters" : "More filters");
  };
  const read = () => ({
    ...wanted,
    text: search.value.trim(),
    statuses: [...byStatus].filter(([, { chip }]) => chip.getAttribute("aria-pressed") === "true").map(([s]) => s),
    backend: backend.value,
    tag: tag.value.trim(),
    team: team.value,
    since: since.value,
    until: until.value,
  });
  const changed = () => {
    clearTimeout(timer);
    const next = read();
    if (JSON.stringify(next) === JSON.stringify(wanted)) return;
    wanted = next;
    mark();
    change(wanted);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(changed, DEBOUNCE);
  };
  const mark = () => {
    const { text, statuses, backend: slug, tag: pair, team: of, since: from, until: to } = wanted;
    clear.hidden = ![text, slug, pair, of, from, to, ...statuses].some(Boolean);
  };
  const show = (next) => {
    wanted = next;
    search.value = next.text;
    backend.value = next.backend;
    tag.value = next.tag;
    team.value = next.team;
    since.value = next.since;
    until.value = next.until;
    for (const [status, { chip }] of byStatus) chip.setAttribute("aria-pressed", String(next.statuses.includes(status)));
    if (next.tag || next.team || next.since || next.until) unfold(true);
    mark();
  };

  for (const node of [search, tag]) {
    node.addEventListener("input", soon);
    node.addEventListener("keydown", (event) => event.key === "Enter" && changed());
  }
  for (const node of [backend, team, since.node, until.node]) node.addEventListener("change", changed);
  return {
    show,
    stop: () => clearTimeout(timer),
    sort(order) {
      wanted = { ...read(), sort: order };
      change(wanted);
    },
    // how many jobs have each status, as far as that is known
    count(statuses) {
      for (const [status, { count }] of byStatus) write(count, statuses[status] ? number(statuses[status]) : "");
    },
  };
}
