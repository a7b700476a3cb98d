// @ts-check
/**
 * The counter's page: joins the state machine to what people see and press. Who performs (a server, or the
 * phone itself) is given from outside, so that the page with a network and the one without are one page.
 */

import { createCard } from "./card.js";
import { sendable } from "./codes.js";
import { newId } from "./ids.js";
import { createWedge, PAUSE_MS } from "./keys.js";
import { inDoubt, start, step } from "./machine.js";
import { scanningByCamera } from "./scanning.js";
import { signal, soundSwitch, wakeAudio } from "./signals.js";
import { undoing } from "./undoing.js";
import { drawRecent, partsOf, reveal, verdictOf } from "./view.js";

/** @typedef {import("./calls.js").Outcome} Outcome */
/**
 * Whoever judges codes and records handouts. An answer to `give` and `undo` counts only with `receipt.id`.
 * @typedef {object} Performer
 * @property {(code: string, source: string) => Promise<Outcome>} scan
 * @property {(id: string, body: Record<string, unknown>) => Promise<Outcome>} give
 * @property {(handout: string, body: { id: string, reason: string }) => Promise<Outcome>} undo
 * @property {() => Promise<Record<string, number> | null>} tally null: unknown just now
 */
/**
 * @typedef {object} Ways what differs between pages
 * @property {Performer} performer
 * @property {number} place
 * @property {(one: import("./machine.js").Given) => boolean} mayUndo
 * @property {(body: Record<string, unknown>) => Promise<Record<string, unknown> | null>} [before] asked between the
 *   press and the order, for a signature; null: not now
 * @property {(text: string, source: string) => boolean} [claim] takes a text that is no voucher out of the way
 * @property {(state: import("./machine.js").State) => void} [drawn] after each drawing
 * @property {() => void} [noCamera] the camera did not start
 * @property {() => boolean} [busy] whether another dialog has the keys
 */

/** A card that just appeared takes no press yet: the finger or the Enter was meant for what stood there. */
const GUARD_MS = 350;
const REST_AFTER_MS = { done: 45_000, undone: 45_000, card: 300_000, refused: 120_000 };
const RECENT_EVERY_MS = 60_000;

/**
 * @param {HTMLElement} root
 * @param {Ways} ways
 */
export function openCounter(root, { performer, place, mayUndo: inTime, before: askBefore, claim, drawn, noCamera, busy }) {
  const parts = partsOf(root);
  /** @type {Record<string, string>} */
  const words = JSON.parse(root.dataset.words ?? "{}");
  const language = root.dataset.language ?? "uk";
  const typed = /** @type {HTMLInputElement} */ (parts["typed-code"]);
  const press = /** @type {HTMLButtonElement} */ (parts.press);

  let state = start();
  const card = createCard(parts, { words, language, place });
  /** @type {string[]} */
  let goods = [];
  let guard = 0;
  let resting = 0;

  // -- state -----------------------------------------------------------------------------------------

  /** @param {import("./machine.js").Event} event */
  function happen(event) {
    const before = state;
    const [after, effects] = step(state, event);
    state = after;
    if (after !== before) draw(before);
    for (const effect of effects) perform(effect);
  }

  /** @param {import("./machine.js").Effect} effect */
  async function perform(effect) {
    if (effect.do === "signal") signal(effect.name);
    if (effect.do === "tally") tally();
    if (effect.do === "scan") {
      const outcome = await performer.scan(effect.code, state.source);
      if (outcome.kind === "lost") happen({ type: "scanLost", ticket: effect.ticket, why: outcome.why });
      else if (outcome.kind === "answer" || outcome.kind === "refused") {
        happen({ type: "answered", ticket: effect.ticket, body: outcome.body, cardId: newId() });
      } else happen({ type: outcome.kind });
    }
    if (effect.do === "give") {
      const outcome = await performer.give(effect.id, effect.body);
      // a good status without our receipt is somebody else's page, or half an answer
      if (outcome.kind === "answer" && outcome.body.receipt?.id === effect.id) {
        happen({ type: "given", id: effect.id, body: outcome.body, goods });
      } else if (outcome.kind === "answer") happen({ type: "giveLost", id: effect.id, why: "server" });
      else if (outcome.kind === "lost") happen({ type: "giveLost", id: effect.id, why: outcome.why });
      else if (outcome.kind === "refused") happen({ type: "giveRefused", id: effect.id, body: outcome.body });
      else happen({ type: outcome.kind });
    }
    if (effect.do === "undo") {
      const { handout } = effect;
      const outcome = await performer.undo(handout, effect.body);
      if (outcome.kind === "answer" && outcome.body.receipt?.id === effect.body.id) happen({ type: "undone", handout });
      else if (outcome.kind === "answer") happen({ type: "undoLost", handout, why: "server" });
      else if (outcome.kind === "lost") happen({ type: "undoLost", handout, why: outcome.why });
      else if (outcome.kind === "refused") happen({ type: "undoRefused", handout, body: outcome.body });
      else happen({ type: outcome.kind });
    }
  }

  /** @param {import("./machine.js").Given} one */
  const mayUndo = (one) => !one.undone && inTime(one);

  /** @param {import("./machine.js").State} before */
  function draw(before) {
    const { tone, title, text } = verdictOf(state, words);
    const { phase } = state;
    parts.stage.dataset.tone = tone;
    parts.stage.dataset.phase = phase;
    parts.stage.setAttribute("aria-busy", String(tone === "busy"));
    parts.icon.setAttribute("href", `#icon-${tone}`);
    parts.title.textContent = title;
    parts.text.textContent = text;
    const mending = phase === "card" && state.problem !== null;
    parts.live.textContent = mending ? "" : `${title}. ${text}`;
    const serial = phase === "done" ? (state.last?.serial ?? "") : ["card", "refused"].includes(phase) ? (state.answer?.serial ?? "") : "";
    parts["serial-number"].textContent = serial;
    reveal(parts.serial, serial !== "");

    const withCard = ["card", "giving", "unsure"].includes(phase);
    if (phase === "card" && state.answer && state.answer !== before.answer) card.fill(state.answer);
    if (!withCard && phase !== "looking") card.empty();
    card.complain(mending ? (state.problem?.text ?? "") : "");
    reveal(parts.card, withCard);
    parts.card.toggleAttribute("inert", phase !== "card");

    const again = ["unsure", "undoUnsure", "scanLost"].includes(phase);
    reveal(press, again || ["giving", "undoing"].includes(phase) || (phase === "card" && card.possible));
    if (again) press.textContent = words.again;
    else if (phase === "card" || phase === "giving") press.textContent = card.less() ? words.give_less : words.give;
    reveal(parts["take-back"], takeable() !== null);
    reveal(parts.rest, ["card", "refused", "done", "undone", "scanLost"].includes(phase));
    if (parts["sign-in"]) reveal(parts["sign-in"], phase === "signedOut");
    if (parts.reload) reveal(parts.reload, phase === "outdated");
    reveal(parts.actions, !["ready", "looking"].includes(phase));
    guardPress(phase);
    recent();
    drawn?.(state);
    focus(before);

    clearTimeout(resting);
    const after = REST_AFTER_MS[/** @type {keyof typeof REST_AFTER_MS} */ (phase)];
    if (after) resting = window.setTimeout(() => happen({ type: "rest" }), after);
  }

  /** The handout that the stage speaks of and that can still be taken back. */
  function takeable() {
    if (state.phase === "done" && state.last && mayUndo(state.last)) return state.last;
    const mine = state.phase === "refused" ? state.answer?.mine : undefined;
    return mine && mayUndo(mine) ? mine : null;
  }

  /** @param {string} phase */
  function guardPress(phase) {
    clearTimeout(guard);
    const waits = phase === "giving" || phase === "undoing";
    press.setAttribute("aria-disabled", "true");
    if (!waits) guard = window.setTimeout(() => press.removeAttribute("aria-disabled"), GUARD_MS);
  }

  /** Where the next key goes: the large button of a card, the typed code that was wrong, else the verdict.
   * @param {import("./machine.js").State} before */
  function focus(before) {
    const { phase } = state;
    if (phase === before.phase && state.answer === before.answer) return;
    const wrong = phase === "refused" && state.source === "typed" && before.phase === "looking";
    if (wrong) {
      typed.setAttribute("aria-invalid", "true");
      typed.focus({ preventScroll: true });
    } else if (phase === "card" && card.possible) press.focus({ preventScroll: true });
    else if (phase === "signedOut") parts["sign-in"]?.focus({ preventScroll: true });
    else if (phase === "outdated") parts.reload?.focus({ preventScroll: true });
    else if (["unsure", "undoUnsure", "scanLost"].includes(phase)) press.focus({ preventScroll: true });
    else if (!["ready", "looking", "giving", "undoing"].includes(phase)) parts.title.focus({ preventScroll: true });
    if (phase === "card" || phase === "done" || phase === "undone") {
      typed.value = "";
      typed.removeAttribute("aria-invalid");
    }
    if (phase !== "ready" && phase !== "looking") parts.stage.scrollIntoView({ block: "start" });
  }

  function recent() {
    if (!parts["recent-list"]) return;
    reveal(parts.recent, state.given.length > 0);
    drawRecent(parts["recent-list"], state.given, { words, language, mayUndo, undo: undo.ask });
  }

  async function tally() {
    const figures = await performer.tally();
    if (figures === null) return false; // they stay as they were; the next handout asks again
    for (const element of parts.tally.querySelectorAll("[data-tally]")) {
      const figure = figures[element.getAttribute("data-tally") ?? ""];
      element.textContent = String(figure).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
    }
    return true;
  }

  // -- hands -----------------------------------------------------------------------------------------

  /** @param {string} text @param {string} source */
  function scanned(text, source) {
    const code = sendable(text);
    if (!code || claim?.(code, source)) return;
    undo.close();
    camera.know(code);
    happen({ type: "code", code, source });
  }

  async function pressed() {
    if (press.getAttribute("aria-disabled") === "true") return;
    if (state.phase !== "card") {
      happen({ type: "press" });
      return;
    }
    const { cardId } = state;
    const order = card.order();
    const body = order && askBefore ? await askBefore(order) : order;
    // another voucher may have come while a signature was asked for
    if (body && state.cardId === cardId) {
      goods = card.goods();
      happen({ type: "press", body });
    }
  }

  const undo = undoing(parts, {
    words,
    confirmed: (handout, reason) => happen({ type: "undo", handout, undoId: newId(), reason }),
  });
  const camera = scanningByCamera(parts, {
    words,
    script: root.dataset.reader ?? "",
    wasm: root.dataset.wasm ?? "",
    found: (text) => scanned(text, "camera"),
    failed: noCamera,
  });

  press.addEventListener("click", pressed);
  parts.rest.addEventListener("click", () => happen({ type: "rest" }));
  parts["take-back"].addEventListener("click", () => {
    const one = takeable();
    if (one) undo.ask(one);
  });
  parts.typed.addEventListener("submit", (event) => {
    event.preventDefault();
    const empty = typed.value.trim() === "";
    parts["typed-error"].textContent = empty ? words.too_short : "";
    reveal(parts["typed-error"], empty);
    if (empty) typed.focus();
    else scanned(typed.value, "typed");
  });
  typed.addEventListener("input", () => {
    typed.removeAttribute("aria-invalid");
    reveal(parts["typed-error"], false);
  });

  const wedge = createWedge();
  /** What stood in a text field before a scanner typed into it. @type {{ field: HTMLInputElement, value: string } | null} */
  let before = null;
  let lastKey = -Infinity;
  let idle = 0;

  document.addEventListener(
    "keydown",
    (event) => {
      const at = event.timeStamp; // when the key went down, not when this busy page came to it
      const target = event.target;
      const field = target instanceof HTMLInputElement && /^(text|search|password)$/.test(target.type) ? target : null;
      if (field && at - lastKey > PAUSE_MS) before = { field, value: field.value };
      if (event.key.length === 1) lastKey = at;
      const { code, swallow } = wedge.push(event, at, field !== null);
      if (swallow) {
        event.preventDefault();
        event.stopPropagation();
      }
      if (code !== undefined) {
        if (field && before?.field === field) field.value = field === typed ? "" : before.value;
        scanned(code, "scanner");
        return;
      }
      clearTimeout(idle);
      idle = window.setTimeout(() => {
        const whole = wedge.idle(performance.now());
        if (whole) scanned(whole, "scanner");
      }, PAUSE_MS + 20);
      if (swallow || event.defaultPrevented || event.repeat || undo.isOpen() || busy?.()) return;
      // Enter is the large button wherever the focus stands on nothing that takes an Enter itself
      const idleTarget = target === document.body || target === parts.title || target === parts.stage;
      if (event.key === "Enter" && idleTarget && !press.hidden) {
        event.preventDefault();
        pressed();
      }
      if (event.key === "Escape" && !parts.rest.hidden) happen({ type: "rest" });
    },
    true,
  );
  // a held Enter must not press the button again and again
  press.addEventListener("keydown", (event) => {
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
  });

  // -- surroundings ----------------------------------------------------------------------------------

  soundSwitch(/** @type {HTMLButtonElement} */ (parts.sound));
  document.addEventListener("pointerdown", wakeAudio, { capture: true, passive: true });
  document.addEventListener("keydown", wakeAudio, { capture: true, passive: true });
  addEventListener("beforeunload", (event) => {
    if (inDoubt(state)) event.preventDefault();
  });
  // a page that comes back from the browser's memory must not show the last family
  addEventListener("pagehide", () => {
    camera.stop();
    happen({ type: "rest" });
  });
  /** Undoing is offered for a short while only. */
  setInterval(() => {
    if (!document.activeElement?.closest('[data-part="recent"]')) recent();
    if (["done", "refused"].includes(state.phase)) reveal(parts["take-back"], takeable() !== null);
  }, RECENT_EVERY_MS);

  return {
    parts,
    words,
    language,
    happen,
    tally,
    mayUndo,
    scanned,
    camera,
    askUndo: undo.ask,
    get state() {
      return state;
    },
  };
}
