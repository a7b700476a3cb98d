// @ts-check
/** The phone's page: the counter of `counter/page.js` with the phone's engine in the server's place. */

import * as idb from "../../../vendor/idb.js";
import { openCounter } from "../../counter/page.js";
import { partsOf, reveal } from "../../counter/view.js";
import { openEngine } from "../engine.js";
import { Refusal } from "../refusal.js";
import { openStore } from "../store.js";
import { counted } from "./counted.js";
import { createInk } from "./ink.js";
import { installing } from "./keeping.js";
import { createMore } from "./more.js";
import { drawOwn } from "./own.js";
import { createPerformer } from "./performer.js";
import { outcomeOf, stripOf } from "./sentences.js";
import { holdPage } from "./tabs.js";
import { watchPage } from "./updates.js";
import { createWelcome, invitationIn } from "./welcome.js";
import { createWithout } from "./without.js";

const SHOWN = 8; // handouts in the list
const LOOK_EVERY_MS = 30_000; // ages on the screen
const REFRESH_EVERY_MS = 300_000; // new data while the network is there
const STATE_SIGNS = { online: "on", sending: "on", offline: "off", silent: "bad", stopped: "bad" };

const root = /** @type {HTMLElement} */ (document.getElementById("counter"));
const parts = partsOf(root);
/** @type {Record<string, string>} */
const words = JSON.parse(root.dataset.words ?? "{}");
const language = root.dataset.language ?? "uk";
let zone = "Europe/Kyiv";
const speech = () => ({ words, language, zone });

let sending = false;
let offered = false; // a newer page
let trustedOffset = 0; // trusted moment less the phone's clock
let taken = ""; // the invitation the welcome is busy with
let retry = 0;
let refreshed = -Infinity;
/** @type {import("../engine.js").Status | null} */
let status = null;

/** Takes the invitation out of the address, the history and the sight of whoever looks on. */
function invitationFromAddress() {
  const invitation = invitationIn(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname);
  return invitation;
}

let invitation = invitationFromAddress();

/** Nothing can be recorded here at all: say it instead of pretending. @param {string} code */
function cannotRecord(code) {
  root.hidden = false;
  reveal(parts.welcome, true);
  parts["welcome-title"].textContent = words.title_storage_gone;
  parts["welcome-text"].textContent = words[code === "storage_full" ? "trouble_storage_full" : "trouble_storage_gone"];
}

async function run() {
  const engine = await openEngine({
    store: openStore(idb),
    app: root.dataset.app ?? "",
    fetch: counted((bytes) => welcome.progress(bytes)),
    tell: (news) => {
      if (news.type === "storage") cannotRecord("storage_full");
      if (news.type === "pack" || news.type === "progress" || news.type === "stopped") draw();
      if (news.type === "stopped") lookAgain();
    },
  });

  const performer = createPerformer(engine, speech, { kept: () => void afterEvent(), online: () => navigator.onLine });
  const ink = createInk(parts, words);
  const sheets = () => [more, without];

  const page = openCounter(root, {
    performer,
    place: 0,
    mayUndo: (one) => Date.now() + trustedOffset < (one.until ?? Date.parse(one.at) + (status?.pack?.head.undo_s ?? 0) * 1000),
    before: async (body) => {
      if (!performer.needsSignature) return body;
      const path = await ink.ask([...parts.due.querySelectorAll("li")].map((line) => line.querySelector(".goods")?.textContent + " " + line.querySelector(".amount")?.textContent).join(", "));
      return path === null ? null : { ...body, ink: path };
    },
    claim: (text, source) => {
      const found = invitationIn(text);
      if (found) {
        takeInvitation(found);
        return true;
      }
      if (welcome.isOpen()) {
        welcome.wrong();
        return true;
      }
      // a signature or a form under the hand is not thrown away by a paper before the camera
      if (source === "camera" && (ink.isOpen() || sheets().some((sheet) => sheet.isOpen()))) return true;
      ink.cancel();
      for (const sheet of sheets()) if (sheet.isOpen()) sheet.close();
      return false;
    },
    busy: () => ink.isOpen() || sheets().some((sheet) => sheet.isOpen()),
    noCamera: () => typing(true),
    drawn: (state) => {
      if (state.phase === "refused" && state.problem?.code === "wrong_supervisor_code") {
        queueMicrotask(() => {
          page.happen({ type: "rest" });
          without.again(state.problem?.text ?? "");
        });
      }
      thumbs();
      note();
    },
  });

  const without = createWithout(parts, {
    engine,
    speech,
    opened: (given, verdict, answer) => {
      performer.open(given, verdict);
      page.happen({ type: "opened", body: answer, cardId: crypto.randomUUID() });
    },
  });
  const homeScreen = installing((possible) => {
    more.installable(possible);
    reveal(parts.install, possible);
    reveal(parts["install-by-hand"], !possible);
  });
  const more = createMore(parts, { engine, speech, refresh, install: homeScreen.install });
  const welcome = createWelcome(parts, { engine, speech, sync: () => synced(true), begin });

  parts.install.addEventListener("click", homeScreen.install);
  const keeper = watchPage({
    worker: root.dataset.worker ?? "",
    scope: root.dataset.scope ?? "",
    kept: more.offline,
    newer: () => {
      offered = true;
      thumbs();
    },
    free: () => !["looking", "card", "giving", "undoing"].includes(page.state.phase) && !ink.isOpen(),
  });
  for (const [part, answer] of /** @type {const} */ ([["newer-take", keeper.take], ["newer-later", keeper.later]])) {
    parts[part].addEventListener("click", () => {
      offered = false;
      thumbs();
      answer();
    });
  }

  // -- what is always in sight -----------------------------------------------------------------------

  async function draw() {
    try {
      status = await engine.status();
    } catch (error) {
      if (error instanceof Refusal) cannotRecord(error.code);
      return;
    }
    const { device, pack, trouble, now } = status;
    trustedOffset = now - Date.now();
    if (pack) {
      zone = pack.head.site.time_zone;
      performer.packIs(pack.issuedAt);
    }
    const strip = stripOf(status, { online: navigator.onLine, sending }, speech());
    const place = device ? (language === "uk" ? device.place.name_uk : device.place.name_en) : "aidtrack";
    parts.where.textContent = place;
    parts.line.dataset.state = STATE_SIGNS[/** @type {keyof typeof STATE_SIGNS} */ (strip.line)];
    parts["line-word"].textContent = strip.word;
    parts["pack-line"].textContent = device ? strip.data : "";
    parts["pack-short"].textContent = device ? strip.brief : "";
    for (const line of ["pack-line", "pack-short"]) parts[line].dataset.dead = String(strip.dead);
    parts["unsent-count"].textContent = strip.count ? String(strip.count) : "✓";
    parts["unsent-word"].textContent = strip.count ? words.unsent : words.all_sent;
    parts["unsent-age"].textContent = strip.age;
    parts.unsent.dataset.waiting = String(strip.count > 0);
    parts.unsent.setAttribute("aria-label", strip.aloud);
    reveal(parts.unsent, device !== null);
    const who = device ? `${device.person} · ${place} · ${/** @type {any} */ (device.round).code ?? ""}` : "";
    more.draw({ aloud: strip.aloud, data: strip.data, who });
    // no answer for a while is no trouble: the strip says it
    const serious = trouble !== null && trouble !== "no_answer" ? (words[`trouble_${trouble}`] ?? words.trouble_refused) : "";
    const aged = [strip.dead && words.text_pack_too_old, pack?.turnedBack && words.text_turned_back].filter(Boolean).join(" ");
    const text = serious || aged;
    if (parts.trouble.textContent !== text) parts.trouble.textContent = text;
    reveal(parts.trouble, text !== "");
    thumbs();
    await listOwn(now);
  }

  /** @param {number} now */
  async function listOwn(now) {
    if (document.activeElement?.closest('[data-part="own"]')) return;
    const own = await engine.own(SHOWN);
    reveal(parts.own, own.length > 0 && !welcome.isOpen());
    drawOwn(parts["own-list"], own, { head: status?.pack?.head ?? null, now, speech: speech(), undo: page.askUndo });
    note(own);
  }

  /** The phone heard that it is not to hand out while a card was open: the same code, judged anew. */
  function lookAgain() {
    const { phase, code, source } = page.state;
    if (phase !== "card") return;
    page.happen(code ? { type: "code", code, source } : { type: "rest" });
  }

  /** What the centre said of the handout on the screen. @param {import("../judge.js").Own[]} [own] */
  async function note(own) {
    const { phase, last, answer } = page.state;
    const id = phase === "done" ? last?.id : phase === "refused" ? answer?.mine?.id : undefined;
    const named = (/** @type {import("../judge.js").Own} */ handout) => handout.id === id;
    const one = id ? (own?.find(named) ?? (await engine.own(Infinity)).find(named)) : undefined;
    const said = one ? outcomeOf(one, words) : null;
    parts.note.textContent = said?.note ?? "";
    parts.note.dataset.tone = said?.tone ?? "";
    reveal(parts.note, Boolean(said?.note));
  }

  /** The thumb's row gives way to the one large button of a card, and to the first steps of a new phone. */
  function thumbs() {
    const carded = ["card", "giving", "unsure"].includes(page.state.phase);
    reveal(parts.newer, offered && !carded); // nothing moves under a hand that is about to press
    reveal(parts.thumbs, !carded && !(welcome.isOpen() && status?.device));
  }

  // -- sending ---------------------------------------------------------------------------------------

  /** @param {boolean} [now] without waiting for the pause after a failure */
  async function synced(now = false) {
    sending = true;
    const before = draw();
    const report = await engine.sync({ now });
    sending = false;
    refreshed = Date.now();
    clearTimeout(retry);
    if (report.retryInMs > 0) retry = window.setTimeout(() => synced(), report.retryInMs);
    if (report.left > 0) keeper.background();
    await before;
    await draw();
    return report;
  }

  async function afterEvent() {
    await draw();
    await keeper.background();
    if (navigator.onLine) await synced();
  }

  async function refresh() {
    const report = await synced(true);
    if (report.trouble) return words[`trouble_${report.trouble}`] ?? words.refresh_failed;
    return words.refreshed;
  }

  parts.refresh.addEventListener("click", async () => {
    parts.refresh.setAttribute("aria-busy", "true");
    parts.live.textContent = await refresh();
    parts.refresh.removeAttribute("aria-busy");
  });
  addEventListener("online", () => synced(true));
  addEventListener("offline", draw);
  for (const name of ["pagehide", "freeze", "resume"]) addEventListener(name, () => engine.slept());
  document.addEventListener("visibilitychange", () => {
    engine.slept();
    if (document.visibilityState === "visible") synced();
  });
  navigator.serviceWorker?.addEventListener("message", (event) => event.data?.type === "synced" && draw());
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    if (navigator.onLine && Date.now() - refreshed > REFRESH_EVERY_MS && status?.device) synced();
    else draw();
  }, LOOK_EVERY_MS);

  // -- setting up ------------------------------------------------------------------------------------

  /** @param {string} found */
  function takeInvitation(found) {
    if (status?.device && found === taken) return; // it still lies before the camera
    taken = found;
    if (status?.device) {
      reveal(parts.counting, false);
      reveal(parts.own, false);
      page.happen({ type: "rest" });
      welcome.again(found, status.device.person);
    } else welcome.enrol(found);
  }

  function begin() {
    taken = "";
    reveal(parts.counting, true);
    thumbs();
    draw();
    if (!status?.device) welcome.ask();
  }

  /** @param {boolean} open */
  function typing(open) {
    reveal(parts.typing, open);
    parts.type.setAttribute("aria-expanded", String(open));
    if (!open) return;
    parts.typing.scrollIntoView({ block: "center" });
    parts["typed-code"].focus({ preventScroll: true });
  }

  parts.type.addEventListener("click", () => typing(parts.typing.hidden));
  addEventListener("hashchange", () => {
    const found = invitationFromAddress();
    if (found) takeInvitation(found);
  });

  await draw();
  reveal(parts.camera, true);
  thumbs();
  root.hidden = false;
  if (invitation) takeInvitation(invitation);
  else if (!status?.device) welcome.ask();
  else {
    begin();
    synced(true);
  }
  invitation = "";
}

const hold = holdPage({
  had: () => {
    reveal(parts.elsewhere, false);
    run().catch((error) => {
      if (!(error instanceof Refusal)) throw error;
      cannotRecord(error.code);
    });
  },
  lost: () => {
    root.hidden = false;
    reveal(parts.elsewhere, true);
  },
  // what this window shows is another's now: nothing is left that a hand could press
  taken: () => location.reload(),
});
parts["elsewhere-take"].addEventListener("click", hold.takeOver);
