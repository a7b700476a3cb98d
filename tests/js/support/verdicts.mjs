/**
 * `node verdicts.mjs FILE`: FILE holds {deployment, keys, texts}; answers with one verdict for each text, as JSON:
 * the refusal's code, "typed" for the form of a short code, "good:<stored code>" for a genuine voucher, or
 * "unexpected:<error>". Python compares them with its own (tests/distribution/test_mutated_codes.py).
 */

import { webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { isTyped, readTyped } from "../../../aidtrack/static/js/field/papercode.js";
import { Refusal } from "../../../aidtrack/static/js/field/refusal.js";
import { decode, keyring, verify } from "../../../aidtrack/static/js/field/voucher.js";

globalThis.crypto ??= webcrypto;

const [file, target] = process.argv.slice(2);
const { deployment, keys, texts } = JSON.parse(readFileSync(file, "utf8"));
const ring = keyring(keys);
const verdicts = [];
for (const text of texts) {
  try {
    if (isTyped(text)) verdicts.push(`typed:${readTyped(text)}`);
    else {
      const decoded = decode(text);
      await verify(decoded, ring, deployment);
      verdicts.push(`good:${decoded.token}`);
    }
  } catch (error) {
    verdicts.push(error instanceof Refusal ? error.code : `unexpected:${error}`);
  }
}
writeFileSync(target, JSON.stringify(verdicts));
