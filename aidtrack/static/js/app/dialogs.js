// @ts-check
/** `data-opens="id"` opens that <dialog>, `data-closes` closes the one it stands in. */
export function dialogs() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.getAttribute("data-opens") ?? "");
      if (dialog instanceof HTMLDialogElement) dialog.showModal();
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });
}
