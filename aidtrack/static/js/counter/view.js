// @ts-check
/** Draws the counter's state. All text is set as text: what a scanned code or a name holds is never markup. */

import { show } from "./show.js";

/** @typedef {import("./machine.js").State} State */
/** @typedef {import("./machine.js").Given} Given */

/**
 * Finds the page's marked elements once.
 * @param {ParentNode} root
 * @returns {Record<string, HTMLElement>}
 */
export function partsOf(root) {
  /** @type {Record<string, HTMLElement>} */
  const parts = {};
  for (const element of root.querySelectorAll("[data-part]")) {
    parts[element.getAttribute("data-part") ?? ""] = /** @type {HTMLElement} */ (element);
  }
  return parts;
}

/**
 * A copy of a template's first element and its marked places.
 * @param {string} name
 */
export function copyOf(name) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`template[data-template="${name}"]`));
  const element = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  /** @type {Record<string, HTMLElement>} */
  const places = {};
  for (const place of element.querySelectorAll("[data-fill]")) {
    places[place.getAttribute("data-fill") ?? ""] = /** @type {HTMLElement} */ (place);
  }
  return { element, places };
}

/** @param {HTMLElement | SVGElement} element @param {boolean} visible */
export const reveal = (element, visible) => element.toggleAttribute("hidden", !visible);

/**
 * What each phase looks like: its tone (colour, shape) and its words.
 * @param {State} state
 * @param {Record<string, string>} words
 * @returns {{ tone: string, title: string, text: string }}
 */
export function verdictOf(state, words) {
  const { answer, problem } = state;
  switch (state.phase) {
    case "looking":
      return { tone: "busy", title: words.looking, text: "" };
    case "card":
      return {
        tone: answer?.tone === "green" ? "due" : (answer?.tone ?? "red"),
        title: answer?.title ?? "",
        text: answer?.text ?? "",
      };
    case "giving":
      return { tone: "busy", title: words.giving, text: "" };
    case "undoing":
      return { tone: "busy", title: words.undoing, text: "" };
    case "done":
      return { tone: "done", title: words[state.last?.partial ? "done_partly" : "done"], text: words.done_text };
    case "undone":
      return { tone: "undone", title: words.undone, text: words.undone_text };
    case "refused":
      return { tone: problem?.tone ?? "red", title: problem?.title || words.not_done, text: problem?.text ?? "" };
    case "scanLost":
      return { tone: "lost", title: problem?.code === "server" ? words.server_down : words.scan_lost, text: words.scan_lost_text };
    case "unsure":
    case "undoUnsure":
      return { tone: "lost", title: problem?.code === "server" ? words.server_down : words.unsure, text: words.unsure_text };
    case "signedOut":
      return { tone: "lost", title: words.signed_out, text: words.signed_out_text };
    case "outdated":
      return { tone: "lost", title: words.reload, text: words.reload_text };
    default:
      return { tone: "ready", title: words.ready, text: words.ready_text };
  }
}

/**
 * @param {HTMLElement} list
 * @param {import("./lowering.js").Line[]} lines
 * @param {string} language
 */
export function drawDue(list, lines, language) {
  list.replaceChildren(
    ...lines.map((line) => {
      const { element, places } = copyOf("due");
      places.name.textContent = line.name;
      places.amount.textContent = line.shown;
      reveal(places.short, line.short !== null);
      places.missing.textContent = show(line.due - line.available, line.unit, language);
      places.lots.textContent = line.lots.join("; ");
      return element;
    }),
  );
}

/**
 * @param {HTMLElement} list
 * @param {Given[]} given
 * @param {{ words: Record<string, string>, language: string, mayUndo: (one: Given) => boolean,
 *   undo: (one: Given) => void }} how
 */
export function drawRecent(list, given, { words, language, mayUndo, undo }) {
  const clock = new Intl.DateTimeFormat(language === "uk" ? "uk-UA" : "en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: "Europe/Kyiv",
  });
  list.replaceChildren(
    ...given.map((one) => {
      const { element, places } = copyOf("recent");
      places.time.textContent = clock.format(new Date(one.at));
      places.serial.textContent = one.serial;
      places.goods.textContent = one.goods.join(", ");
      const word = one.undone ? words.taken_back : one.partial ? words.in_part : "";
      places.state.textContent = word;
      places.state.classList.toggle("warn", !one.undone);
      reveal(places.state, word !== "");
      reveal(places.undo, !one.undone && mayUndo(one));
      places.undo.setAttribute("aria-label", `${places.undo.textContent} ${one.serial}`);
      places.undo.addEventListener("click", () => undo(one));
      element.classList.toggle("undone", one.undone);
      return element;
    }),
  );
}
