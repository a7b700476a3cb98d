// @ts-check
/**
 * What the counter does next, without a browser: `step(state, event)` gives the new state and what is to be
 * done (`effects`). Two promises are kept here. A handout has one id from the first press to the server's
 * receipt, however often it is pressed or sent. And nothing is called done before that receipt is here.
 *
 * Phases: ready · looking · card · giving · unsure (sent, no answer) · done · refused · scanLost · undoing ·
 * undoUnsure · undone · signedOut · outdated
 */

import { kindOf } from "./refusals.js";

/** @typedef {import("./lowering.js").Line} Line */
/**
 * The server's answer to a scan.
 * @typedef {object} Answer
 * @property {string} tone green, amber or red
 * @property {string} code
 * @property {string} title
 * @property {string} text
 * @property {string} [serial]
 * @property {string} [round]
 * @property {{ name: string, size: string, proxy: string | null }} [card]
 * @property {Line[]} [lines]
 * @property {Given} [mine] this page's own handout that the code was refused for, so that it can be taken back
 */
/**
 * What is sent to hand out. Made once per card and kept as it is: the same id with another body is refused.
 * @typedef {object} Order
 * @property {string} id
 * @property {Record<string, unknown>} body
 */
/**
 * A handout of this page, for the list of the last ones. No name: a family is on the screen one at a time.
 * @typedef {object} Given
 * @property {string} id
 * @property {string} serial
 * @property {string} at ISO moment
 * @property {boolean} partial
 * @property {string[]} goods
 * @property {boolean} undone
 * @property {number} [until] ms: taking back is possible before it
 */
/**
 * @typedef {object} Undo
 * @property {string} handout
 * @property {{ id: string, reason: string }} body
 */
/**
 * @typedef {object} State
 * @property {string} phase
 * @property {number} ticket counts scans: an answer that was overtaken is dropped
 * @property {string} code
 * @property {string} source camera, scanner or typed
 * @property {Answer | null} answer
 * @property {string} cardId the client id of the card's handout
 * @property {Order | null} order
 * @property {string} next a code scanned while a handout was on its way
 * @property {{ tone: string, code: string, title: string, text: string } | null} problem
 * @property {Given | null} last
 * @property {Given[]} given newest first
 * @property {Undo | null} undo
 */
/** @typedef {{ do: string, [detail: string]: any }} Effect */
/** @typedef {{ type: string, [detail: string]: any }} Event */

export const KEPT = 5;
/** Phases in which a request is on its way or its fate is unknown. */
const BUSY = new Set(["giving", "unsure", "undoing", "undoUnsure"]);

/** @returns {State} */
export function start() {
  return {
    phase: "ready", ticket: 0, code: "", source: "", answer: null, cardId: "", order: null, next: "",
    problem: null, last: null, given: [], undo: null,
  };
}

/** Whether leaving the page now could leave a handout in doubt. @param {State} state */
export const inDoubt = (state) => BUSY.has(state.phase);

/**
 * @param {State} state
 * @param {Event} event
 * @returns {[State, Effect[]]}
 */
export function step(state, event) {
  const known = HANDLERS[event.type];
  return known ? known(state, event) : [state, []];
}

/** @param {State} state @param {string} code @param {string} source @returns {[State, Effect[]]} */
function look(state, code, source) {
  const ticket = state.ticket + 1;
  return [
    { ...state, phase: "looking", ticket, code, source, answer: null, cardId: "", order: null, next: "", problem: null },
    [{ do: "scan", code, ticket }],
  ];
}

/** @param {State} state @param {string} phase @param {any} body @param {Effect[]} more @returns {[State, Effect[]]} */
function refused(state, phase, body, more = []) {
  const problem = { tone: kindOf(body.code, body.tone), code: body.code ?? "", title: body.title ?? "", text: body.text ?? body.message ?? "" };
  return [{ ...state, phase, problem, next: "" }, [...more, { do: "signal", name: problem.tone }]];
}

/** @param {State} state @param {string} phase @param {string} why @returns {[State, Effect[]]} */
function lost(state, phase, why) {
  const problem = { tone: "lost", code: why ?? "network", title: "", text: "" };
  return [{ ...state, phase, problem }, [{ do: "signal", name: "lost" }]];
}

/** @type {Record<string, (state: State, event: any) => [State, Effect[]]>} */
const HANDLERS = {
  /** A code came from camera, scanner or keyboard. */
  code(state, { code, source }) {
    if (state.phase === "signedOut" || state.phase === "outdated") return [state, []];
    if (state.phase === "unsure" || state.phase === "undoUnsure") {
      // what is in doubt is settled first; the new voucher comes right after
      return HANDLERS.press({ ...state, next: code, source }, {});
    }
    if (BUSY.has(state.phase)) return [{ ...state, next: code, source }, []];
    return look(state, code, source);
  },

  /** The server judged a scan. `cardId` is a fresh id. */
  answered(state, { ticket, body, cardId }) {
    if (ticket !== state.ticket || state.phase !== "looking") return [state, []];
    if (!body.card) return refused({ ...state, answer: body }, "refused", body);
    const name = body.tone === "green" ? "card" : "red";
    return [{ ...state, phase: "card", answer: body, cardId, problem: null }, [{ do: "signal", name }]];
  },

  /** A card that no code opened: a family without a voucher. `cardId` is a fresh id. */
  opened(state, { body, cardId }) {
    if (BUSY.has(state.phase) || state.phase === "signedOut" || state.phase === "outdated") return [state, []];
    const ticket = state.ticket + 1; // a scan under way is overtaken
    const card = { ...state, phase: "card", ticket, code: "", source: "", answer: body, cardId, order: null, next: "", problem: null };
    return [card, [{ do: "signal", name: "card" }]];
  },

  /** `why`: "network", or "server" when it answered with a failure. */
  scanLost(state, { ticket, why }) {
    if (ticket !== state.ticket || state.phase !== "looking") return [state, []];
    return lost(state, "scanLost", why);
  },

  /** The large button: hand out, or send again what is in doubt. `body` is what the card's choices say. */
  press(state, { body }) {
    if (state.phase === "card" && body) {
      const order = { id: state.cardId, body: { ...body, code: state.code } };
      return [{ ...state, phase: "giving", order, problem: null }, [{ do: "give", ...order }]];
    }
    if (state.phase === "unsure" && state.order) return [{ ...state, phase: "giving" }, [{ do: "give", ...state.order }]];
    if (state.phase === "undoUnsure" && state.undo) return [{ ...state, phase: "undoing" }, [{ do: "undo", ...state.undo }]];
    if (state.phase === "scanLost") return look(state, state.code, state.source);
    return [state, []];
  },

  /** The server's receipt: only now is it done. */
  given(state, { id, body, goods }) {
    if (state.phase !== "giving" || state.order?.id !== id) return [state, []];
    const { receipt } = body;
    const last = { id, serial: receipt.serial, at: receipt.at, partial: receipt.partial, goods, undone: false };
    const given = [last, ...state.given].slice(0, KEPT);
    const done = { ...state, phase: "done", last, given, order: null, cardId: "", code: "" };
    const effects = [{ do: "signal", name: "done" }, { do: "tally" }];
    if (!state.next) return [done, effects];
    const [looking, more] = look(done, state.next, state.source);
    return [looking, [...effects, ...more]];
  },

  giveRefused(state, { id, body }) {
    if (state.phase !== "giving" || state.order?.id !== id) return [state, []];
    const without = { ...state, order: null };
    // what the card's choices can mend leaves the card open; nothing was recorded, so its id is still good
    const mendable = ["reason_needed", "quantity_raised", "nothing_handed_out", "invalid_value"].includes(body.code);
    if (mendable) return refused(without, "card", body);
    // the stock changed since the scan: look again, and the card shows what there is now
    if (body.code === "not_enough_stock") return look(without, state.code, state.source);
    return refused(without, "refused", body);
  },

  giveLost(state, { id, why }) {
    if (state.phase !== "giving" || state.order?.id !== id) return [state, []];
    return lost(state, "unsure", why);
  },

  /** Take a handout of this page back. `undoId` is a fresh id. */
  undo(state, { handout, undoId, reason }) {
    if (BUSY.has(state.phase) || state.phase === "signedOut" || state.phase === "outdated") return [state, []];
    const undo = { handout, body: { id: undoId, reason } };
    return [{ ...state, phase: "undoing", undo, problem: null, answer: null }, [{ do: "undo", ...undo }]];
  },

  undone(state, { handout }) {
    if (state.phase !== "undoing" || state.undo?.handout !== handout) return [state, []];
    const given = state.given.map((one) => (one.id === handout ? { ...one, undone: true } : one));
    const back = { ...state, phase: "undone", given, undo: null };
    const effects = [{ do: "signal", name: "undone" }, { do: "tally" }];
    if (!state.next) return [back, effects];
    const [looking, more] = look(back, state.next, state.source);
    return [looking, [...effects, ...more]];
  },

  undoRefused(state, { handout, body }) {
    if (state.phase !== "undoing" || state.undo?.handout !== handout) return [state, []];
    return refused({ ...state, undo: null }, "refused", body);
  },

  undoLost(state, { handout, why }) {
    if (state.phase !== "undoing" || state.undo?.handout !== handout) return [state, []];
    return lost(state, "undoUnsure", why);
  },

  signedOut(state) {
    return [{ ...start(), phase: "signedOut", ticket: state.ticket }, [{ do: "signal", name: "red" }]];
  },

  /** The page's token is no longer good, or the server is a newer one. */
  outdated(state) {
    return [{ ...start(), phase: "outdated", ticket: state.ticket }, [{ do: "signal", name: "red" }]];
  },

  /** Nobody needs the screen any more: the name leaves it. */
  rest(state) {
    if (BUSY.has(state.phase) || state.phase === "looking" || state.phase === "signedOut" || state.phase === "outdated") {
      return [state, []];
    }
    return [{ ...state, phase: "ready", answer: null, code: "", cardId: "", problem: null }, []];
  },
};
