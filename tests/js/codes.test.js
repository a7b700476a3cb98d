import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, sendable, stored } from "../../aidtrack/static/js/counter/codes.js";
import { vectors } from "./vectors.js";

const { good, bad } = vectors("voucher_codes");

for (const { name, text, code } of good) {
  test(`good: ${name}`, () => {
    assert.equal(kindOf(text), "qr");
    assert.equal(stored(text), code);
  });
}

for (const { name, text, error } of bad.filter((one) => ["not_a_voucher", "damaged_voucher"].includes(one.error))) {
  test(`not whole: ${name} (${error})`, () => {
    // another version is told apart by the bytes inside, not by the form
    if (name === "another version") assert.equal(kindOf(text), "qr");
    else assert.notEqual(kindOf(text), "qr");
  });
}

test("what a person types is a short code, however it is spaced", () => {
  for (const typed of ["7K2MQ-9XT4B", "7k2mq 9xt4b", " 7К2МQ–9ХТ4В ", "7K2MQ9XT4B"]) assert.equal(kindOf(typed), "short");
});

test("markup, links and long texts are something else", () => {
  for (const text of ["<b>x</b>", "https://example.org", "слово ".repeat(40), "\u202eabc"]) assert.equal(kindOf(text), "other");
  assert.equal(kindOf(" \n "), "empty");
});

test("what is sent is cut and without spaces around it", () => {
  assert.equal(sendable(" 7K2MQ-9XT4B \n"), "7K2MQ-9XT4B");
  assert.equal(sendable("x".repeat(3000)).length, 700);
});
