// @ts-check
/** Asks why before a handout is taken back. */

import { reasonsOf } from "./reasons.js";
import { reveal } from "./view.js";

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {{ words: Record<string, string>, confirmed: (handout: string, reason: string) => void }} how
 */
export function undoing(parts, { words, confirmed }) {
  const dialog = /** @type {HTMLDialogElement} */ (parts["undo-dialog"]);
  const error = parts["undo-error"];
  const reasons = reasonsOf("undo-reason");
  let handout = "";

  reasons.changed(() => reveal(error, false));
  parts["undo-cancel"].addEventListener("click", () => dialog.close());
  parts["undo-confirm"].addEventListener("click", () => {
    const reason = reasons.value();
    if (!reason) {
      error.textContent = words.undo_reason_missing;
      reveal(error, true);
      reasons.focus();
      return;
    }
    dialog.close();
    confirmed(handout, reason);
  });

  return {
    /** @param {{ id: string, serial: string }} one */
    ask(one) {
      handout = one.id;
      parts["undo-serial"].textContent = one.serial;
      reasons.clear();
      reveal(error, false);
      dialog.showModal();
      reasons.focus();
    },
    close: () => dialog.close(),
    isOpen: () => dialog.open,
  };
}
