// @ts-check
/** The phone itself in the server's place: judges codes, records handouts, answers with receipts of its own. */

import { Refusal } from "../refusal.js";
import { answerOf, momentOf, sentenceOf, titleOf } from "./sentences.js";

/** How long a scan and a press wait for the server's word on this phone, where there is a network. */
const WAITS_MS = { scan: 400, press: 1_000 };

/** @typedef {import("../engine.js").Engine} Engine */
/** @typedef {import("../judge.js").Verdict} Verdict */
/** @typedef {import("../../counter/calls.js").Outcome} Outcome */
/** @typedef {{ supervisor: number, code: string, family: string, reason: string, number: number, name: string }} Unvouchered */

/**
 * @param {Engine} engine
 * @param {() => import("./sentences.js").Speech} speech
 * @param {{ kept: () => void, online?: () => boolean, waits?: typeof WAITS_MS }} page
 */
export function createPerformer(engine, speech, { kept, online = () => false, waits = WAITS_MS }) {
  let packAt = 0;
  /** @type {Verdict | null} */
  let verdict = null;
  /** @type {Unvouchered | null} */
  let unvouchered = null;

  /** @param {unknown} error @returns {Outcome} */
  function refused(error) {
    if (!(error instanceof Refusal)) throw error;
    const text = sentenceOf(error, speech(), packAt);
    const tone = error.code === "already_collected" ? "amber" : "red";
    return { kind: "refused", body: { tone, code: error.code, title: titleOf(error, speech().words), text } };
  }

  /** @param {() => Promise<any>} work @returns {Promise<Outcome>} */
  async function recorded(work) {
    try {
      const { id, at, partial } = await work();
      unvouchered = null; // a supervisor's code serves once
      kept();
      return { kind: "answer", body: { receipt: { id, serial: momentOf(at, speech(), at), at: new Date(at).toISOString(), partial } } };
    } catch (error) {
      return refused(error);
    }
  }

  /** @param {number} limit */
  const word = async (limit) => online() && engine.word(limit);

  /** @param {Record<string, any>} body */
  const unitsOf = (body) => body.quantities ?? {};

  return {
    /** Whether the card on the screen needs a signature. */
    get needsSignature() {
      return unvouchered === null && Boolean(verdict?.needsSignature);
    },
    /** The card that a supervisor opened, for the next order. @param {Unvouchered} given @param {Verdict} card */
    open(given, card) {
      unvouchered = given;
      verdict = card;
    },
    /** @param {number} at */
    packIs(at) {
      packAt = at;
    },

    /** @param {string} code @param {string} source @returns {Promise<Outcome>} */
    async scan(code, source) {
      unvouchered = null;
      try {
        const [seen, stopped] = await Promise.all([engine.look(code, source), word(waits.scan)]);
        verdict = stopped ? await engine.look(code, source) : seen;
        return { kind: "answer", body: answerOf(verdict, speech(), packAt) };
      } catch (error) {
        return refused(error); // the storage, not the code
      }
    },

    /** @param {string} id @param {Record<string, any>} body @returns {Promise<Outcome>} */
    give(id, body) {
      const card = verdict;
      const without = unvouchered;
      return recorded(async () => {
        await word(waits.press); // the phone may have been withdrawn while the card lay open
        if (!card) throw new Refusal("collision");
        if (without) {
          const lines = card.lines.map(({ item, due }) => ({ item, units: unitsOf(body)[item] ?? due }));
          return engine.withoutVoucher({
            id, supervisor: without.supervisor, code: without.code, family: without.family,
            reason: [without.reason, body.reason].filter(Boolean).join("; "), lines: lines.filter(({ units }) => units > 0),
          });
        }
        return engine.handout({
          id, verdict: card, units: unitsOf(body), reason: body.reason ?? null, collector: body.collector === "proxy" ? "proxy" : "head",
          ink: body.ink ?? null,
        });
      });
    },

    /** @param {string} handout @param {{ id: string, reason: string }} body @returns {Promise<Outcome>} */
    undo: (handout, { id, reason }) => recorded(async () => ({ ...(await engine.undo({ id, of: handout, reason })), id })),

    tally: async () => null,
  };
}
