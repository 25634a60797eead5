"use strict";
// Without this script the page shows everything; it only hides rows that do not match the filter.
const tools = document.getElementById("tools");
const rows = [...document.querySelectorAll("[data-path]")].map((row) => ({
  row,
  path: row.dataset.path.toLowerCase(),
  origin: row.dataset.origin,
  severities: row.dataset.severities.split(" "),
}));

function filter() {
  const wanted = new Set([...tools.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value));
  const origin = tools.querySelector("select").value;
  const text = tools.querySelector("input[type=search]").value.trim().toLowerCase();
  let assets = 0;
  for (const { row, path, origin: own, severities } of rows) {
    const shown =
      severities.some((severity) => wanted.has(severity)) && (!origin || own === origin) && path.includes(text);
    row.hidden = !shown;
    if (shown && row.tagName === "TR") assets += 1;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-path]:not([hidden])");
  }
  const output = tools.querySelector("output");
  const shown = assets.toLocaleString(document.documentElement.lang);
  output.textContent = output.dataset.message.replace("{number}", shown);
}

tools.hidden = false;
tools.addEventListener("input", filter);
tools.addEventListener("submit", (event) => event.preventDefault());
filter();
