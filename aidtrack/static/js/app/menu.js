// @ts-check
/** On a narrow screen the navigation folds behind a button. */
export function menu() {
  const button = document.querySelector("button.menu");
  if (!(button instanceof HTMLButtonElement)) return;
  const set = (/** @type {boolean} */ open) => button.setAttribute("aria-expanded", String(open));
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true") {
      set(false);
      button.focus();
    }
  });
}
