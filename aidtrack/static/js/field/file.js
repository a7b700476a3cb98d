// @ts-check
/** The unsent events as a file that only the centre can read: for a phone that finds no network at all. */

import { concat, fromB64, utf8 } from "./bytes.js";

const MAGIC = utf8("AIDFILE1");
const INFO = utf8("aidtrack file v1");
const CURVE = { name: "ECDH", namedCurve: "P-256" };

/**
 * @param {string} device
 * @param {{ body: string, sig: string }[]} events
 * @param {string} fileKey the centre's public key from the pack, b64
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function sealed(device, events, fileKey) {
  const centre = fromB64(fileKey);
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const ephemeral = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const theirs = await crypto.subtle.importKey("raw", centre, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: concat(ephemeral, centre), info: INFO };
  const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = JSON.stringify({ device, events: events.map(({ body, sig }) => ({ body, sig })) });
  const content = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, await gzip(utf8(text)));
  return concat(MAGIC, ephemeral, iv, new Uint8Array(content));
}

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function gzip(bytes) {
  if (typeof CompressionStream !== "function") return stored(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** gzip without making it smaller, for browsers that cannot. @param {Uint8Array<ArrayBuffer>} bytes @returns {Uint8Array<ArrayBuffer>} */
export function stored(bytes) {
  const parts = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)];
  const largest = 65_535;
  for (let at = 0; at === 0 || at < bytes.length; at += largest) {
    const block = bytes.subarray(at, at + largest);
    const last = at + largest >= bytes.length ? 1 : 0;
    parts.push(Uint8Array.of(last, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255), block);
  }
  const end = new DataView(new ArrayBuffer(8));
  end.setUint32(0, crc32(bytes), true);
  end.setUint32(4, bytes.length, true);
  return concat(...parts, new Uint8Array(end.buffer));
}

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
