// @ts-check
/**
 * A form marked `data-guard` is sent once per press, and warns before unsaved typing is left.
 * The server recognises a double submit by its command id; this only spares the wait and the worry.
 */
export function guardForms() {
  /** @type {Set<HTMLFormElement>} */
  const typedIn = new Set();
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    form.addEventListener("input", () => typedIn.add(form));
    form.addEventListener("submit", (event) => {
      if (form.getAttribute("aria-busy") === "true") {
        event.preventDefault();
        return;
      }
      form.setAttribute("aria-busy", "true");
      typedIn.delete(form);
    });
  }
  addEventListener("beforeunload", (event) => {
    if (typedIn.size > 0) event.preventDefault();
  });
  // coming back with the browser's back button finds the form usable again
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  });
}

/** The token that a request with a sign-in cookie must bring in `X-CSRFToken`. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}
