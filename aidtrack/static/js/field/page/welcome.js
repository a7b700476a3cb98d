// @ts-check
/** Setting the phone up: by the link of the manager's code or by scanning it here, then the first data. */

import { reveal } from "../../counter/view.js";
import { Refusal } from "../refusal.js";
import { askToKeep, onHomeScreen, phoneName, wasEnrolled } from "./keeping.js";
import { dayOf, fill, sizeOf } from "./sentences.js";

const RETRY_MS = 5_000;

/** The invitation in a manager's code, "" where there is none. @param {string} text */
export function invitationIn(text) {
  return /#enrol=([A-Za-z0-9_-]{43})(?:$|[&\s])/.exec(text)?.[1] ?? "";
}

/**
 * @param {Record<string, HTMLElement>} parts
 * @param {object} how
 * @param {import("../engine.js").Engine} how.engine
 * @param {() => import("./sentences.js").Speech} how.speech
 * @param {() => Promise<import("../sync.js").Report>} how.sync
 * @param {() => void} how.begin the counter takes over
 */
export function createWelcome(parts, { engine, speech, sync, begin }) {
  let open = false;
  let retry = 0;
  let waiting = ""; // an invitation that is asked about, or that did not come through

  /** @param {string} text */
  function complain(text) {
    parts["welcome-error"].textContent = text;
    reveal(parts["welcome-error"], text !== "");
  }

  /** @param {string} title @param {string} text */
  function say(title, text) {
    parts["welcome-title"].textContent = title;
    parts["welcome-text"].textContent = text;
    reveal(parts["welcome-text"], text !== "");
  }

  /** @param {{ who?: boolean, start?: boolean, again?: boolean, leave?: boolean }} what */
  function offer({ who = false, start = false, again = false, leave = false }) {
    reveal(parts["welcome-who"], who);
    reveal(parts["welcome-start"], start);
    reveal(parts["welcome-again"], again);
    reveal(parts["welcome-leave"], leave);
  }

  function show() {
    open = true;
    reveal(parts.welcome, true);
  }

  /** Nobody set this phone up yet. */
  function ask() {
    const { words } = speech();
    show();
    say(words.welcome, words.welcome_text);
    complain(wasEnrolled() ? words.trouble_wiped : "");
    offer({});
  }

  /** @param {string} invitation */
  async function enrol(invitation) {
    const { words } = speech();
    show();
    waiting = invitation;
    complain("");
    offer({});
    say(words.enrolling, "");
    try {
      await engine.enrol(invitation, phoneName());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code } = error;
      if (code === "storage_full" || code === "storage_gone") complain(words[`trouble_${code}`]);
      else complain(words[`enrol_${code}`] ?? words.enrol_other);
      say(words.welcome, words.welcome_text);
      offer({ again: code === "no_answer", leave: (await engine.status().catch(() => null))?.device != null });
      return;
    }
    waiting = "";
    wasEnrolled(true);
    await enrolled();
  }

  async function enrolled() {
    const { words, language } = speech();
    const { device } = await engine.status();
    if (!device) return ask();
    show();
    say(words.enrolled, "");
    parts["who-person"].textContent = device.person;
    parts["who-place"].textContent = language === "uk" ? device.place.name_uk : device.place.name_en;
    const round = /** @type {any} */ (device.round);
    const days = round.first_day && round.last_day;
    parts["who-round"].textContent = days
      ? fill(words.round_of, { code: round.code ?? "", first: dayOf(round.first_day, language), last: dayOf(round.last_day, language) })
      : (round.code ?? String(round.id));
    reveal(parts["home-hint"], !onHomeScreen());
    offer({ who: true });
    parts["welcome-title"].focus({ preventScroll: true });
    return fetchFirst();
  }

  async function fetchFirst() {
    clearTimeout(retry);
    const { words } = speech();
    parts["fetching-word"].textContent = words.fetching;
    reveal(parts["fetching-bar"], true);
    const report = await sync();
    if (!open) return;
    const { pack } = await engine.status();
    reveal(parts["fetching-bar"], false);
    if (!pack) {
      parts["fetching-word"].textContent = words[`trouble_${report.trouble}`] ?? words.fetch_failed;
      reveal(parts["fetching-bar"], true);
      retry = window.setTimeout(fetchFirst, RETRY_MS);
      return;
    }
    parts["fetching-word"].textContent = `${words.fetched_all} ${sizeOf(pack.bytes, speech())}`;
    offer({ who: true, start: true });
    parts["welcome-start"].focus({ preventScroll: true });
  }

  function leave() {
    open = false;
    waiting = "";
    clearTimeout(retry);
    reveal(parts.welcome, false);
    begin();
  }

  parts["welcome-start"].addEventListener("click", async () => {
    await askToKeep(); // some browsers ask the person: right after they read why
    leave();
  });
  parts["welcome-again"].addEventListener("click", () => enrol(waiting));
  parts["welcome-leave"].addEventListener("click", leave);

  return {
    ask,
    enrol,
    isOpen: () => open,
    /** Enrolled already, and a new code came. @param {string} invitation @param {string} person */
    again(invitation, person) {
      const { words } = speech();
      show();
      waiting = invitation;
      complain("");
      say(words.enrol_again, fill(words.enrol_again_text, { person }));
      offer({ again: true, leave: true });
    },
    /** @param {number} bytes how much of the data came by now */
    progress(bytes) {
      if (open) parts["fetching-word"].textContent = `${speech().words.fetching} ${fill(speech().words.fetched, { size: sizeOf(bytes, speech()) })}`;
    },
    /** Something else than a manager's code was held up. */
    wrong() {
      complain(speech().words.not_a_code_to_enrol);
    },
  };
}
