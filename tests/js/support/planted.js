/** Copies of the engine with one bug planted: a test that cannot see it is no test. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const FIELD = fileURLToPath(new URL("../../../aidtrack/static/js/field", import.meta.url));
/** @type {string[]} */
const folders = [];
process.on("exit", () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * The engine's modules with a text replaced in one of its files, exactly once.
 * @param {string} file
 * @param {string} right
 * @param {string} wrong
 */
export async function planted(file, right, wrong) {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  folders.push(folder);
  cpSync(FIELD, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const text = readFileSync(join(folder, file), "utf8");
  assert.equal(text.split(right).length, 2, `${file} no longer has exactly one: ${right}`);
  writeFileSync(join(folder, file), text.replace(right, () => wrong));
  const from = (name) => import(pathToFileURL(join(folder, name)).href);
  return { ...(await from("engine.js")), ...(await from("memory.js")), ...(await from("trusted.js")) };
}
