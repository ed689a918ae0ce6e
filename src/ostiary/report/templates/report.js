"use strict";
// Filters and printing; the page says everything without this.
const hide = (element, hidden) => element.toggleAttribute("data-hidden", hidden);

function offer(select, items) {
  const modules = [...new Set(items.map((item) => item.dataset.module).filter(Boolean))].sort();
  for (const module of modules) select.add(new Option(module, module));
  select.closest("label").hidden = modules.length < 2;
}

function fitsFinding(item, form) {
  const audience = form.elements.audience.value;
  return !audience || item.dataset.audience.split(" ").includes(audience);
}

function fitsModel(item, form) {
  const { audience, mode, show } = form.elements;
  if (!audience.value && !mode.value && !show.value) return true;
  const reach = item.dataset.reach.split(" ");
  const asked = audience.value ? [reach[audience.value]] : reach;
  const wanted = show.value === "open" ? /a/ : /[asu]/;
  if (!mode.value && !show.value) return asked.some((marks) => wanted.test(marks));
  return asked.some((marks) =>
    [...marks].some(
      (mark, at) => wanted.test(mark) && (!mode.value || at === +mode.value) && (show.value !== "change" || at > 0),
    ),
  );
}

function chooseColumn(chosen) {
  for (const row of document.querySelectorAll(".matrix tr:not(.why)")) {
    [...row.cells].forEach((cell, at) => hide(cell, at > 0 && chosen !== "" && at !== +chosen + 1));
  }
}

for (const form of document.querySelectorAll("form.filter")) {
  const models = form.dataset.for === "model";
  const items = [...document.querySelectorAll("." + form.dataset.for)];
  const texts = new Map(
    items.map((item) => {
      const card = item.closest(".finding");
      const told = models ? item.querySelector("th") : item;
      const heading = !models && card ? card.querySelector("h4").textContent : "";
      return [item, (heading + " " + told.textContent).toLowerCase()];
    }),
  );
  offer(form.elements.module, items);
  const output = form.querySelector("output");
  const filter = () => {
    const wanted = form.elements.text.value.trim().toLowerCase();
    const module = form.elements.module.value;
    let shown = 0;
    for (const item of items) {
      const fits =
        texts.get(item).includes(wanted) &&
        (!module || item.dataset.module === module) &&
        (models ? fitsModel(item, form) : fitsFinding(item, form));
      hide(item, !fits);
      if (fits) shown += 1;
    }
    if (models) {
      chooseColumn(form.elements.audience.value);
    } else {
      for (const kind of [".finding", "section.severity"]) {
        for (const each of document.querySelectorAll(kind)) {
          hide(each, !each.querySelector(".item:not([data-hidden])"));
        }
      }
    }
    output.textContent = shown === items.length ? "" : `${shown} of ${items.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}

// A link to something inside of what is folded opens it.
function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let each = target; each; each = each.parentElement) if (each.localName === "details") each.open = true;
  for (const inner of target.querySelectorAll(":scope > details")) inner.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", unfold);
unfold();

const closed = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) {
    closed.push(each);
    each.open = true;
  }
});
addEventListener("afterprint", () => {
  while (closed.length) closed.pop().open = false;
});
