"use strict";
// Filters and printing; the page says everything without this.
for (const form of document.querySelectorAll("form.filter")) {
  const kind = form.dataset.for;
  const items = [...document.querySelectorAll("." + kind)].map((item) => [
    item,
    (kind === "model" ? item.querySelector("th") : item).textContent.toLowerCase(),
  ]);
  const output = form.querySelector("output");
  const filter = () => {
    const wanted = form.elements.text.value.trim().toLowerCase();
    const audience = form.elements.audience ? form.elements.audience.value : "";
    const share = form.elements.share ? form.elements.share.checked : false;
    let shown = 0;
    for (const [item, text] of items) {
      const fits =
        text.includes(wanted) &&
        (!audience || item.dataset.audience.split(" ").includes(audience)) &&
        (!share || "share" in item.dataset);
      item.toggleAttribute("data-hidden", !fits);
      if (fits) shown += 1;
    }
    for (const section of document.querySelectorAll("section.severity")) {
      section.toggleAttribute("data-hidden", !section.querySelector(".finding:not([data-hidden])"));
    }
    output.textContent = shown === items.length ? "" : `${shown} of ${items.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  if (kind !== "model") continue;
  filter();
}
const closed = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll(".finding details:not([open]), .note details:not([open])")) {
    closed.push(each);
    each.open = true;
  }
});
addEventListener("afterprint", () => {
  while (closed.length) closed.pop().open = false;
});
