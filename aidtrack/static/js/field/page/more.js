// @ts-check
/** The sheet behind "More": sending by hand, the file, the data, the page itself. */

import { reveal } from "../../counter/view.js";
import { Refusal } from "../refusal.js";
import { askToKeep, isKept } from "./keeping.js";
import { fill, sentenceOf } from "./sentences.js";

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {object} how
 * @param {import("../engine.js").Engine} how.engine
 * @param {() => import("./sentences.js").Speech} how.speech
 * @param {() => Promise<string>} how.refresh gives the sentence that says how it went
 * @param {() => void} how.install
 */
export function createMore(parts, { engine, speech, refresh, install }) {
  const dialog = /** @type {HTMLDialogElement} */ (parts["more-dialog"]);

  /** @param {string} text */
  const said = (text) => (parts["more-said"].textContent = text);

  async function save() {
    const { words } = speech();
    try {
      const files = await engine.files();
      for (const { name, bytes } of files) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type: "application/octet-stream" }));
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      }
      said(files.length ? fill(words.file_saved, { name: files.map(({ name }) => name).join(", ") }) : words.file_none);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said(fill(words.file_failed, { why: sentenceOf(error, speech(), 0) }));
    }
  }

  async function open() {
    said("");
    dialog.showModal();
    parts["more-title"].focus();
    await askToKeep();
    parts["more-stored"].textContent = (await isKept()) ? speech().words.stored_yes : speech().words.stored_no;
  }

  for (const opener of [parts.more, parts.unsent]) opener.addEventListener("click", open);
  parts["more-close"].addEventListener("click", () => dialog.close());
  parts["more-file"].addEventListener("click", save);
  parts["more-install"].addEventListener("click", install);
  parts["more-send"].addEventListener("click", async () => {
    said(speech().words.sending);
    said(await refresh());
  });
  parts.without.addEventListener("click", () => dialog.close(), { capture: true });

  return {
    isOpen: () => dialog.open,
    close: () => dialog.close(),
    /** @param {{ aloud: string, data: string, who: string }} words */
    draw({ aloud, data, who }) {
      parts["more-unsent"].textContent = aloud;
      parts["more-pack"].textContent = data;
      parts["more-who"].textContent = who;
    },
    /** @param {"kept" | "waiting" | "never"} state */
    offline(state) {
      const { words } = speech();
      parts["more-offline"].textContent = { kept: words.offline_yes, waiting: words.offline_no, never: words.offline_never }[state];
    },
    /** @param {boolean} possible */
    installable: (possible) => reveal(parts["more-install"], possible),
  };
}
