// @ts-check
/** The last handouts of this phone with what the centre said of them; no names. */

import { show } from "../../counter/show.js";
import { copyOf, reveal } from "../../counter/view.js";
import { givenOf, goodsName, momentOf, outcomeOf } from "./sentences.js";

/** @typedef {import("../judge.js").Own} Own */

/**
 * @param {Own} own
 * @param {import("../pack.js").Head | null} head
 * @param {string} language
 */
export function goodsOf(own, head, language) {
  return own.lines.map(({ item, units }) => {
    const known = head?.items.find(({ code }) => code === item);
    return known ? `${goodsName(/** @type {any} */ (known), language)} ${show(units, known.unit, language)}` : item;
  });
}

/**
 * @param {HTMLElement} list
 * @param {Own[]} handouts
 * @param {{ head: import("../pack.js").Head | null, now: number, speech: import("./sentences.js").Speech,
 *   undo: (one: import("../../counter/machine.js").Given) => void }} how
 */
export function drawOwn(list, handouts, { head, now, speech, undo }) {
  list.replaceChildren(
    ...handouts.map((own) => {
      const { element, places } = copyOf("own");
      const { tone, badge, note } = outcomeOf(own, speech.words);
      const time = momentOf(own.at, speech, now);
      places.time.textContent = time;
      places.state.textContent = badge;
      places.state.className = `badge ${tone}`;
      places.goods.textContent = goodsOf(own, head, speech.language).join(", ");
      const worth = tone === "warn" && note !== "";
      places.note.textContent = worth ? note : "";
      reveal(places.note, worth);
      const undoable = !own.undone && now < own.undoUntil;
      reveal(places.undo, undoable);
      places.undo.setAttribute("aria-label", `${places.undo.textContent} ${time}`);
      places.undo.addEventListener("click", () => undo(givenOf(own, speech)));
      element.classList.toggle("undone", own.undone);
      return element;
    }),
  );
}
