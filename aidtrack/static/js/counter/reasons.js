// @ts-check
/** Quick choices of a reason, with room for other words. */

import { reveal } from "./view.js";

/**
 * @param {string} name
 * @returns {{ value: () => string, clear: () => void, choose: (place: number) => void, focus: () => void,
 *   changed: (react: () => void) => void }}
 */
export function reasonsOf(name) {
  const box = /** @type {HTMLElement} */ (document.querySelector(`[data-reasons="${name}"]`));
  const radios = /** @type {HTMLInputElement[]} */ ([...box.querySelectorAll("input[type=radio]")]);
  const other = /** @type {HTMLInputElement} */ (box.querySelector("[data-other]"));
  const room = /** @type {HTMLElement} */ (other.closest(".other"));
  const chosen = () => radios.find((radio) => radio.checked);
  const update = () => reveal(room, chosen()?.value === "");
  box.addEventListener("change", (event) => {
    update();
    if (event.target instanceof HTMLInputElement && event.target.type === "radio" && event.target.value === "") other.focus();
  });
  return {
    value: () => (chosen() ? chosen()?.value || other.value.trim() : ""),
    clear() {
      for (const radio of radios) radio.checked = false;
      other.value = "";
      update();
    },
    choose(place) {
      radios[place].checked = true;
      update();
    },
    focus: () => (chosen()?.value === "" ? other : radios[0]).focus(),
    changed: (react) => box.addEventListener("input", react),
  };
}
