/**
 * Lines that are gathered as bytes.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { LineBuffer, printableAscii } from "../../src/hosts/line_buffer.ts";

function textOf(lines: LineBuffer): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(lines.take());
}

Deno.test("numbers are written in decimal digits", () => {
  const lines = new LineBuffer();
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    lines.number(value);
    assert.equal(textOf(lines), String(value));
  }));
  lines.number(0);
  lines.number(Number.MAX_SAFE_INTEGER);
  assert.equal(textOf(lines), "09007199254740991");
});

Deno.test("texts of any characters and of any length follow one another", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("é", "\ud83d\ude00".repeat(3000), "a".repeat(10_000), "aé".repeat(5000)),
    )),
    (texts) => {
      const lines = new LineBuffer();
      for (const text of texts) lines.text(text);
      assert.equal(lines.isEmpty, texts.join("") === "");
      assert.equal(textOf(lines), texts.join("").toWellFormed());
      assert.ok(lines.isEmpty);
    },
  ));
});

Deno.test("bytes are taken as they are if all of them stand for themselves, and otherwise not at all", () => {
  const lines = new LineBuffer();
  const plain = printableAscii("\\");
  const isPlain = (text: string) => lines.plain(new TextEncoder().encode(text), plain);
  assert.ok(isPlain("") && isPlain(" ~!") && isPlain("x".repeat(100_000)));
  for (const text of ["a\\b", "a\n", "\x7f", "\x00", "é", "a\tb"]) assert.ok(!isPlain(text), text);
  assert.ok(isPlain("."));
  assert.equal(textOf(lines), ` ~!${"x".repeat(100_000)}.`);
});

Deno.test("what was taken doesn't change afterwards", () => {
  const lines = new LineBuffer();
  lines.text("first");
  const first = lines.take();
  lines.text("second");
  assert.equal(new TextDecoder().decode(first), "first");
});
