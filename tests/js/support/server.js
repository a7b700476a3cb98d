/** A server of docs/sync.md in memory, with faults to order, and phones that talk to it. */

import { fromB64, hex, sha256, toB64, utf8 } from "../../../aidtrack/static/js/field/bytes.js";
import * as engine from "../../../aidtrack/static/js/field/engine.js";
import * as memory from "../../../aidtrack/static/js/field/memory.js";
import { HOUR, ISSUED, centreKey, makePack, phoneTime, voucher } from "./field.js";

const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const refusal = (status, code, more = {}) => json(status, { code, message: code, ...more });

export class Server {
  /** `faults`: what becomes of the next calls, one each: a function of (call, answer, server) or null for none. */
  constructor({ centre, vouchers, head = {} }) {
    Object.assign(this, { centre, vouchers, head, faults: [], calls: [], events: new Map(), kept: [], devices: new Map(), collected: new Set() });
    this.outcome = () => "recorded";
    this.serial = 1;
    this.now = () => ISSUED + HOUR;
    this.most = Infinity;
    this.answering = 0;
    this.atOnce = 0;
  }

  fetch = async (path, init) => {
    const call = { path, method: init.method, body: init.body ?? "", headers: init.headers };
    this.calls.push(call);
    this.atOnce = Math.max(this.atOnce, ++this.answering);
    await new Promise((resolve) => setTimeout(resolve));
    try {
      const fault = this.faults.shift();
      return fault ? await fault(call, () => this.answer(call), this) : await this.answer(call);
    } finally {
      this.answering -= 1;
    }
  };

  async answer(call) {
    if (call.path === "/sync/v1/enrol") return this.enrol(JSON.parse(call.body));
    const device = await this.signed(call);
    if (device instanceof Response) return device;
    if (call.path === "/sync/v1/status") return json(200, { server_time: new Date(this.now()).toISOString(), revoked: false });
    return call.method === "GET" ? this.pack(call, device) : this.take(JSON.parse(call.body), device);
  }

  async enrol({ invitation, public_key: key }) {
    if (invitation !== "good") return refusal(404, "unknown_invitation");
    const known = [...this.devices.values()].find((one) => one.key === key);
    const id = known?.id ?? crypto.randomUUID();
    this.devices.set(id, known ?? { id, key, verifying: await crypto.subtle.importKey("raw", fromB64(key), CURVE, false, ["verify"]), refused: null, seqs: [] });
    return json(201, {
      device: id, person: "Оператор", place: { id: 2, code: "VAN-1", name_uk: "Бус 1", name_en: "Van 1" },
      round: { id: 3, code: "R-1" }, server_time: new Date(this.now()).toISOString(),
    });
  }

  async signed({ path, method, body, headers }) {
    const [id, ms, random, signature] = headers.Authorization.replace("Aidtrack-Device ", "").split(".");
    const device = this.devices.get(id);
    if (!device) return refusal(401, "unknown_device");
    const text = `AID-REQ1\n${method}\n${path}\n${ms}\n${random}\n${hex(await sha256(utf8(body)))}`;
    if (!(await crypto.subtle.verify(SIGNING, device.verifying, fromB64(signature), utf8(text)))) return refusal(401, "bad_signature");
    if (Math.abs(Number(ms) - this.now()) > 600_000) return refusal(401, "clock", { facts: { server_time: new Date(this.now()).toISOString() } });
    if (device.refused) return refusal(403, device.refused);
    return device;
  }

  async pack({ headers }, device) {
    if (headers["If-None-Match"] === `"P-${this.serial}"`) return new Response(null, { status: 304, headers: { "Aidtrack-Issued-At": new Date(this.now()).toISOString() } });
    const { bytes } = await makePack({
      centre: this.centre, device: device.id, vouchers: this.vouchers, collected: [...this.collected], typed: this.typed, void: this.withdrawn,
      head: { serial: `P-${this.serial}`, issued_at: new Date(this.now()).toISOString(), ...this.head, ...this.lotsNow() },
    });
    return new Response(bytes, { status: 200, headers: { "Aidtrack-Issued-At": new Date(this.now()).toISOString() } });
  }

  /** The book: what the handouts that came in took, and what came back. */
  lotsNow() {
    const { lots } = this.head;
    if (!lots) return {};
    const gone = new Map();
    const move = ({ event }, sign) => event.lines?.forEach((line) => line.lots.forEach(({ lot, units }) => gone.set(lot, (gone.get(lot) ?? 0) + sign * units)));
    for (const one of this.events.values()) {
      move(one, 1);
      if (one.event.type === "undo" && this.events.has(one.event.of)) move(this.events.get(one.event.of), -1);
    }
    return { lots: lots.map((lot) => ({ ...lot, units: lot.units - (gone.get(lot.code) ?? 0) })) };
  }

  async take({ events, unsent }, device) {
    device.unsent = unsent;
    if (events.length > this.most) return new Response("Payload Too Large", { status: 413 });
    const receipts = [];
    for (const { body, sig } of events) receipts.push(await this.receipt(body, sig, device));
    return json(200, { receipts, server_time: new Date(this.now()).toISOString(), pack: `P-${this.serial}`, revoked: false });
  }

  async receipt(body, sig, device) {
    const event = JSON.parse(body);
    const hash = toB64(await sha256(utf8(body)));
    if (!(await crypto.subtle.verify(SIGNING, device.verifying, fromB64(sig), utf8(`AID-EVT1\n${body}`)))) throw new Error("unsigned event");
    const before = this.events.get(event.id);
    if (before && before.hash !== hash) this.kept.push(body);
    if (!before) {
      this.events.set(event.id, { hash, event, at: new Date(this.now()).toISOString() });
      device.seqs.push(event.seq);
      if (event.type === "handout") this.collected.add(event.id);
    }
    const outcome = before ? "already_recorded" : this.outcome(event);
    return { id: event.id, hash, outcome, at: this.events.get(event.id).at, title: outcome, text: "" };
  }
}

/** Faults, by the name of what goes wrong. */
export const FAULTS = {
  down: () => Promise.reject(new TypeError("Failed to fetch")),
  lost: async (_call, answer) => {
    await answer();
    throw new TypeError("Failed to fetch");
  },
  500: () => new Response("Internal Server Error", { status: 500 }),
  html: () => new Response("<!doctype html><h1>Wi-Fi</h1>", { status: 200, headers: { "Content-Type": "text/html" } }),
  htmlRefusal: () => new Response("<h1>403</h1>", { status: 403 }),
  foreignJson: () => json(200, { ok: true }),
  nothing: () => new Response("", { status: 200 }),
  null: () => json(200, null),
  badRequest: () => refusal(400, "invalid"),
  conflict: () => refusal(409, "changed_meanwhile"),
  tooMany: () => refusal(429, "too_many_attempts"),
  notFound: () => refusal(404, "not_found"),
  cut: async (_call, answer) => {
    const text = await (await answer()).text();
    return new Response(text.slice(0, Math.floor(text.length * 0.6)), { status: 200 });
  },
  partial: async (_call, answer) => {
    const body = await (await answer()).json();
    return json(200, { ...body, receipts: body.receipts.slice(0, Math.ceil(body.receipts.length / 2)) });
  },
  otherHash: async (_call, answer) => {
    const body = await (await answer()).json();
    return json(200, { ...body, receipts: body.receipts.map((one) => ({ ...one, hash: toB64(new Uint8Array(32)) })) });
  },
  otherId: async (_call, answer) => {
    const body = await (await answer()).json();
    return json(200, { ...body, receipts: body.receipts.map((one) => ({ ...one, id: crypto.randomUUID() })) });
  },
  /** Answers for the events' ids without having taken them: another body stands under each. */
  foreignReceipts: ({ body }, _answer, server) => {
    if (!body) return new Response("", { status: 500 });
    const receipts = JSON.parse(body).events.map((one) => ({ id: JSON.parse(one.body).id, hash: toB64(new Uint8Array(32)), outcome: "kept", at: "", title: "", text: "" }));
    return json(200, { receipts, server_time: new Date(server.now()).toISOString(), pack: null, revoked: false });
  },
  nonsense: async (_call, answer) => {
    const body = await (await answer()).json();
    return json(200, { ...body, receipts: [null, 5, "x", {}, { id: 1, hash: 2, outcome: 3 }] });
  },
};

/** A phone with its storage, clocks and locks; `open` is a page, and there may be several. */
export class Phone {
  /** `modules`: the engine's, or a copy of them with a planted bug. */
  constructor(server, time = phoneTime(), modules = { ...engine, ...memory }) {
    Object.assign(this, { server, time, modules, disk: modules.newDisk(), storeFaults: {}, locks: modules.ownLocks(), news: [] });
  }

  open(parts = {}) {
    this.store = this.modules.memoryStore(this.disk, this.storeFaults);
    return this.modules.openEngine({
      store: this.store, app: "0.2.0", fetch: this.server.fetch, locks: this.locks, wall: this.time.wall, mono: this.time.mono,
      random: () => 0, hidden: () => false, tell: (one) => this.news.push(one), ...parts,
    });
  }

  /** Everything that was stored, as text: to look for what must not be there. */
  written() {
    const plain = (value) => (value instanceof Uint8Array ? hex(value) : value);
    return JSON.stringify([...this.disk].map(([name, rows]) => [name, [...rows.values()]]), (_key, value) => plain(value));
  }
}

/** A server with vouchers, and an enrolled phone with the pack. */
export async function world({ count = 5, head = {}, claims = () => ({}), time, modules } = {}) {
  const centre = await centreKey();
  const vouchers = await Promise.all(Array.from({ length: count }, (_, n) => voucher(centre, { index: 100 + n, ...claims(n) })));
  const server = new Server({ centre, vouchers, head });
  const phone = new Phone(server, time, modules);
  server.now = phone.time.wall;
  const engine = await phone.open();
  await engine.enrol("good", "Телефон");
  await engine.sync();
  return { centre, vouchers, server, phone, engine };
}

/** Scans and hands out. */
export async function give(engine, { code }, order = {}) {
  const verdict = await engine.look(code, "camera");
  return engine.handout({ id: crypto.randomUUID(), verdict, ...order });
}
