// @ts-check
/** The navigation: on a narrow screen it folds behind a button; its heads close when the eye goes elsewhere. */
export function menu() {
  const button = document.querySelector("button.menu");
  if (button instanceof HTMLButtonElement) folds(button);
  heads();
}

/** @param {HTMLButtonElement} button */
function folds(button) {
  const set = (/** @type {boolean} */ open) => button.setAttribute("aria-expanded", String(open));
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && button.getAttribute("aria-expanded") === "true") {
      set(false);
      button.focus();
    }
  });
}

/** One head is open at a time; Escape, a press elsewhere and the focus going on close it. */
function heads() {
  const nav = document.querySelector("nav.rooms");
  // only where the entries hang over the page: folding while a finger presses would move what it presses
  const wide = window.matchMedia("(min-width: 48rem)");
  /** @type {HTMLDetailsElement[]} */
  const all = [...document.querySelectorAll("nav.rooms details")].filter((one) => one instanceof HTMLDetailsElement);
  for (const head of all) {
    head.addEventListener("toggle", () => {
      // browsers older than details[name] leave the others open
      if (head.open) all.forEach((other) => other !== head && (other.open = false));
    });
    head.addEventListener("focusout", ({ relatedTarget }) => {
      if (wide.matches && relatedTarget instanceof Node && !nav?.contains(relatedTarget)) head.open = false;
    });
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !head.open) return;
      event.preventDefault();
      head.open = false;
      head.querySelector("summary")?.focus();
    });
  }
  document.addEventListener("click", ({ target }) => {
    for (const head of all) if (target instanceof Node && !head.contains(target)) head.open = false;
  });
}
