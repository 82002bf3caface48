// Says beside a fragment that its module does not answer, and lets one ask again; keeps what is open in a part that is
// loaded again; lets the keyboard scroll what is wider than the page. Pages work without it.
"use strict";
const TEXTS = { en: ["does not answer just now.", "Ask again"], de: ["antwortet gerade nicht.", "Noch einmal fragen"] };
document.addEventListener("DOMContentLoaded", () => {
  const [isAway, askAgain] = TEXTS[document.documentElement.lang] ?? TEXTS.en;
  const away = (event) => {
    const section = event.target.closest("[data-fragment]");
    if (!section || section.querySelector(".says")) return;
    const note = document.createElement("p");
    note.className = "says wait";
    note.setAttribute("role", "status");
    note.textContent = `${section.dataset.fragment} ${isAway} `;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = askAgain;
    again.addEventListener("click", () => { note.remove(); window.htmx.trigger(section, "again"); });
    note.append(again);
    section.append(note);
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, away);

  let kept = [];
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    kept = [...target.querySelectorAll("details[id], .scroll[id]")].map(({ id, open, scrollLeft }) => ({ id, open, scrollLeft }));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const { id, open, scrollLeft } of kept) Object.assign(document.getElementById(id) ?? {}, { open, scrollLeft });
    watch();
  });

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  const watch = () => document.querySelectorAll(".scroll").forEach((each) => {
    const caption = each.querySelector("caption");
    if (caption && !each.hasAttribute("role")) {
      each.setAttribute("role", "group");
      each.setAttribute("aria-label", caption.textContent);
    }
    sizes.observe(each);
  });
  watch();

  const refused = document.querySelector("[data-focus]");
  if (refused) refused.focus();
});
