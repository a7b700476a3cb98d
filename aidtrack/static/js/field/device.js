// @ts-check
/** The phone's own key, its enrolment, and requests signed with it. The key cannot leave the browser. */

import { hex, sha256, toB64, utf8 } from "./bytes.js";
import { Refusal } from "./refusal.js";

const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const PATIENCE_MS = 30_000;

/** @typedef {import("./store.js").Device} Device */

/** @returns {Promise<{ privateKey: CryptoKey, publicKey: string }>} */
export async function newKeys() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return { privateKey: pair.privateKey, publicKey: toB64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))) };
}

/**
 * The value of the request's Authorization header.
 * @param {Pick<Device, "id" | "privateKey">} device
 * @param {{ method: string, path: string, body: string, ms: number, nonce?: Uint8Array }} request
 */
export async function authorization({ id, privateKey }, { method, path, body, ms, nonce }) {
  const random = toB64(nonce ?? crypto.getRandomValues(new Uint8Array(16)));
  const text = `AID-REQ1\n${method}\n${path}\n${ms}\n${random}\n${hex(await sha256(utf8(body)))}`;
  const signature = new Uint8Array(await crypto.subtle.sign(SIGNING, privateKey, utf8(text)));
  return `Aidtrack-Device ${id}.${ms}.${random}.${toB64(signature)}`;
}

/**
 * Makes a key, tells the server, keeps both. Throws the server's refusal, or `no_answer`.
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./trusted.js").Clock} parts.clock
 * @param {typeof fetch} parts.fetch
 * @param {string} parts.app
 * @param {string} parts.invitation
 * @param {string} parts.name what the phone calls itself
 * @returns {Promise<Device>}
 */
export async function enrol({ store, clock, fetch, app, invitation, name }) {
  // a lost answer: sent again with the same key, the same invitation gives the same device
  const pending = await store.setting("enrolling");
  const keys = pending?.invitation === invitation ? pending.keys : await newKeys();
  await store.putSetting("enrolling", { invitation, keys });
  const answer = await posted(fetch, "/sync/v1/enrol", { invitation, public_key: keys.publicKey, app, name });
  const { device, person, place, round, server_time } = answer;
  if (typeof device !== "string" || !Number.isInteger(place?.id) || !Number.isInteger(round?.id)) throw new Refusal("no_answer");
  clock.anchor(Date.parse(server_time));
  const enrolled = {
    id: device, person: String(person ?? ""), place, round, ...keys, enrolledAt: clock.now(), active: true, trouble: null,
  };
  await store.enrolled(enrolled);
  await store.putSetting("enrolling", null);
  return enrolled;
}

/** @param {typeof fetch} fetch @param {string} path @param {Record<string, unknown>} body */
async function posted(fetch, path, body) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body), credentials: "omit", cache: "no-store", signal: patience.signal,
    });
    answer = await response.json();
  } catch {
    throw new Refusal("no_answer");
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 201 && answer && typeof answer === "object") return answer;
  if (response.status < 500 && typeof answer?.code === "string") throw new Refusal(answer.code, { message: String(answer.message ?? ""), ...answer.facts });
  throw new Refusal("no_answer");
}
