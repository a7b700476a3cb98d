import { readFileSync } from "node:fs";

/** A file of tests/vectors, which Python reads as well. */
export const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
