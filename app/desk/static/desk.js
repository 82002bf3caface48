// Says beside a fragment that its module does not answer, and lets one ask again. Pages work without it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const away = (event) => {
    const section = event.target.closest("[data-fragment]");
    if (!section || section.querySelector(".says")) return;
    const note = document.createElement("p");
    note.className = "says wait";
    note.setAttribute("role", "status");
    note.textContent = `${section.dataset.fragment} does not answer just now. `;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Ask again";
    again.addEventListener("click", () => { note.remove(); window.htmx.trigger(section, "again"); });
    note.append(again);
    section.append(note);
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, away);
  const refused = document.querySelector("[data-focus]");
  if (refused) refused.focus();
});
