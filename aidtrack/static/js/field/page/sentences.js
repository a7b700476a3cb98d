// @ts-check
/** Verdicts, times and sizes in the person's words. The words come from the page; here is no sentence. */

import { show } from "../../counter/show.js";

/** @typedef {import("../judge.js").Verdict} Verdict */
/** @typedef {{ words: Record<string, string>, language: string, zone: string }} Speech */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NO_BREAK_SPACE = "\u00a0";

/** @param {string} text @param {Record<string, unknown>} facts */
export const fill = (text, facts) => text.replace(/%\((\w+)\)[sd]/g, (whole, name) => (name in facts ? String(facts[name]) : whole));

/** @param {string} language */
const locale = (language) => (language === "uk" ? "uk-UA" : "en-GB");

/** A day of the calendar as it stands on paper: 05.09.2022, 5 Sept 2022. @param {string} iso @param {string} language */
export function dayOf(iso, language) {
  const [year, month, day] = iso.split("-");
  if (language === "uk") return `${day}.${month}.${year}`;
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(Date.parse(iso));
}

/**
 * A moment: the time alone for today, with the day otherwise.
 * @param {number} ms
 * @param {Speech} speech
 * @param {number} [now] given: today needs no date
 */
export function momentOf(ms, { language, zone }, now) {
  const time = new Intl.DateTimeFormat(locale(language), { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(ms);
  const dayIn = (/** @type {number} */ at) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
  if (now !== undefined && dayIn(ms) === dayIn(now)) return time;
  const day = new Intl.DateTimeFormat(locale(language), language === "uk" ? { day: "2-digit", month: "2-digit", timeZone: zone } : { day: "numeric", month: "short", timeZone: zone });
  return `${day.format(ms)}, ${time}`;
}

/** How long ago, roughly. @param {number} ms @param {Record<string, string>} words */
export function ageOf(ms, words) {
  if (ms < MINUTE) return words.now;
  if (ms < HOUR) return fill(words.minutes, { num: Math.floor(ms / MINUTE) });
  if (ms < 2 * DAY) return fill(words.hours, { num: Math.floor(ms / HOUR) });
  return fill(words.days, { num: Math.floor(ms / DAY) });
}

/** @param {number} bytes @param {Speech} speech */
export function sizeOf(bytes, { words, language }) {
  const large = bytes >= 1_000_000;
  const number = large ? bytes / 1_000_000 : Math.max(1, Math.round(bytes / 1000));
  const shown = new Intl.NumberFormat(locale(language), { maximumFractionDigits: 1 }).format(number);
  return fill(large ? words.megabytes : words.kilobytes, { num: shown });
}

/** @param {number} count @param {Speech} speech */
export function personsOf(count, { words, language }) {
  const form = new Intl.PluralRules(locale(language)).select(count);
  return fill(words[`persons_${form}`] ?? words.persons_other, { num: count });
}

/** @param {{ code: string }} refusal @param {Record<string, string>} words */
export const titleOf = ({ code }, words) => words[`title_${code}`] ?? words.title_other;

/**
 * @param {{ code: string, facts: Record<string, any> }} refusal
 * @param {Speech} speech
 * @param {number} packAt moment of the phone's data
 */
export function sentenceOf({ code, facts }, speech, packAt) {
  const { words, language } = speech;
  if (code === "ready") return "";
  if (code === "already_collected" && !facts.at) return fill(words.text_already_collected_elsewhere, { at: momentOf(packAt, speech) });
  const shown = { ...facts };
  for (const name of ["first_day", "last_day"]) if (facts[name]) shown[name] = dayOf(String(facts[name]), language);
  if (facts.at) shown.at = momentOf(Date.parse(facts.at), speech);
  if (facts.place_uk) shown.place = language === "uk" ? facts.place_uk : facts.place_en;
  return fill(words[`text_${code}`] ?? words.text_other, shown);
}

/** @param {import("../stock.js").Line} line @param {string} language */
export const goodsName = ({ name_uk, name_en }, language) => (language === "uk" ? name_uk : name_en);

/**
 * A line as counter/card.js shows it.
 * @param {import("../stock.js").Line} line
 * @param {Speech} speech
 */
export function shownLine(line, { words, language }) {
  const lots = line.picks.map((pick) => {
    const day = pick.expires_on ? dayOf(pick.expires_on, language) : "";
    const text = fill(day ? words.lot : words.lot_undated, { lot: pick.lot, donor: pick.donor, day });
    return line.picks.length === 1 ? text : `${show(pick.units, line.unit, language)}: ${text}`;
  });
  const short = line.due - line.available;
  return {
    item_id: line.item_id, name: goodsName(line, language), due: line.due, unit: line.unit,
    shown: show(line.due, line.unit, language), available: line.available,
    short: short > 0 ? show(short, line.unit, language) : null, packs: line.packs, lots,
  };
}

/**
 * A verdict as the page's machine wants an answer: the same as the server's for the same code.
 * @param {Verdict} verdict
 * @param {Speech} speech
 * @param {number} packAt
 * @returns {import("../../counter/machine.js").Answer}
 */
export function answerOf(verdict, speech, packAt) {
  const { words } = speech;
  const card = verdict.card && {
    name: verdict.card.name ?? words.no_name,
    size: verdict.card.persons === null ? words.no_name_text : personsOf(verdict.card.persons, speech),
    proxy: verdict.card.proxy,
  };
  return {
    tone: verdict.tone,
    code: verdict.code,
    title: titleOf(verdict, words),
    text: sentenceOf(verdict, speech, packAt),
    ...(card ? { card, lines: verdict.lines.map((line) => shownLine(line, speech)) } : {}),
    ...(verdict.own ? { mine: givenOf(verdict.own, speech) } : {}),
  };
}

/** An own handout as the machine keeps it, known by its time. @param {import("../judge.js").Own} own @param {Speech} speech */
export const givenOf = (own, speech) => ({
  id: own.id, serial: momentOf(own.at, speech, own.at), at: new Date(own.at).toISOString(), partial: own.partial, goods: [], undone: own.undone, until: own.undoUntil,
});

/**
 * What the centre said of an own handout, and how it is shown: outcomes that a supervisor looks at are amber.
 * @param {{ sent: boolean, outcome: string | null, undone: boolean }} own
 * @param {Record<string, string>} words
 */
export function outcomeOf({ sent, outcome, undone }, words) {
  const code = !sent ? "none" : outcome === "already_recorded" ? "recorded" : (outcome ?? "recorded");
  if (undone && (code === "none" || code === "recorded")) return { tone: "neutral", badge: words.outcome_undone, note: "" };
  const quiet = ["none", "recorded", "undone", "taken_back"].includes(code);
  return {
    tone: code === "none" ? "neutral" : quiet ? "good" : "warn",
    badge: words[`outcome_${code}`] ?? words.outcome_kept,
    note: code === "none" ? "" : (words[`note_${code}`] ?? words.note_kept),
  };
}

/**
 * The strip's words for the state of sending and data.
 * @param {import("../engine.js").Status} status
 * @param {{ online: boolean, sending: boolean }} now
 * @param {Speech} speech
 */
export function stripOf({ pack, unsent, trouble, now }, { online, sending }, speech) {
  const { words } = speech;
  const stopped = trouble === "device_revoked" || trouble === "person_deactivated" || trouble === "unknown_device";
  const line = stopped ? "stopped" : sending && online ? "sending" : !online ? "offline" : trouble ? "silent" : "online";
  const age = unsent.oldest === null ? "" : ageOf(Math.max(0, now - unsent.oldest), words);
  let data = words.pack_none;
  let brief = data;
  if (pack) {
    const at = momentOf(pack.issuedAt, speech, now);
    const until = momentOf(now + pack.leftMs, speech);
    const size = sizeOf(pack.bytes, speech);
    brief = pack.alive ? `${at} · ${size}` : fill(words.pack_dead, { at });
    data = pack.alive ? fill(words.pack_line, { at, size, until }) : fill(words.pack_dead, { at });
  }
  return {
    line,
    word: words[line].replaceAll(" ", NO_BREAK_SPACE),
    data,
    brief,
    dead: pack !== null && !pack.alive,
    age,
    count: unsent.count,
    aloud: unsent.count ? fill(words.unsent_aloud, { num: unsent.count, age }) : words.all_sent_aloud,
  };
}
