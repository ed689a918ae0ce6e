"use strict";
// Filters; the page says everything without this.
const hide = (element, hidden) => element.toggleAttribute("data-hidden", hidden);
for (const form of document.querySelectorAll("form.filter")) {
  const items = [...document.querySelectorAll(".entry")];
  const texts = new Map(
    items.map((item) => [item, (item.closest(".group").dataset.module + " " + item.textContent).toLowerCase()]),
  );
  const output = form.querySelector("output");
  const filter = () => {
    const { text, caller, ease, changes } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      const fits =
        texts.get(item).includes(wanted) &&
        (!caller.value || item.dataset.caller === caller.value) &&
        +item.dataset.ease >= +ease.value &&
        (!changes.value || item.dataset.changes === "1");
      hide(item, !fits);
      if (fits) shown += 1;
    }
    const narrowed = shown !== items.length;
    for (const each of document.querySelectorAll(".group, details.calm")) {
      const some = each.querySelector(".entry:not([data-hidden])");
      hide(each, !some);
      if (narrowed && some && each.localName === "details") each.open = true;
    }
    output.textContent = narrowed ? `${shown} of ${items.length} shown` : "";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
