import assert from "node:assert/strict";
import fc from "fast-check";
import { formatByteSize, parseByteSize } from "../../../src/cli/values/byte_size.ts";
import { parseWholeNumber } from "../../../src/cli/values/whole_number.ts";
import { refuses } from "./refuses.ts";

const MIB_BYTES = 1024 * 1024;
const SIZES = { min: 0, max: MIB_BYTES };

Deno.test("a whole number is read if it is within its bounds", () => {
  const bounds = { min: 0, max: Number.MAX_SAFE_INTEGER };
  for (
    const [text, number] of [["0", 0], ["7", 7], ["007", 7], ["9007199254740991", 2 ** 53 - 1]]
  ) {
    assert.equal(parseWholeNumber(String(text), bounds), number);
  }
  fc.assert(fc.property(fc.maxSafeNat(), (number) => {
    assert.equal(parseWholeNumber(String(number), bounds), number);
  }));
});

Deno.test("what is not a whole number within the bounds is refused", () => {
  const texts = [
    ..."0 8 -1 +3 3.0 1.5 1e1 0x3 NaN Infinity three 3peers 99999999999999999999 ٣".split(" "),
    "",
    " 3",
    "3\n",
  ];
  refuses(
    (text) => parseWholeNumber(text, { min: 1, max: 7 }),
    Object.fromEntries(
      texts.map((text) => [
        text,
        `expected a whole number from 1 to 7, got ${JSON.stringify(text)}`,
      ]),
    ),
  );
});

Deno.test("a size is read in bytes, KiB and MiB", () => {
  for (
    const [text, sizeBytes] of [
      ["0", 0],
      ["100", 100],
      ["100B", 100],
      ["64KiB", 65_536],
      ["1MiB", MIB_BYTES],
      ["1048576", MIB_BYTES],
    ] as const
  ) assert.equal(parseByteSize(text, SIZES), sizeBytes);
});

Deno.test("what is not a size within the bounds is refused", () => {
  const expected = "expected a size from 0 to 1MiB, such as 64KiB, got";
  const units = "(units are KiB and MiB)";
  refuses((text) => parseByteSize(text, SIZES), {
    "1048577": `${expected} "1048577"`,
    "2MiB": `${expected} "2MiB"`,
    "-1": `${expected} "-1"`,
    "1.5KiB": `${expected} "1.5KiB"`,
    "64 KiB": `${expected} "64 KiB"`,
    "": `${expected} ""`,
    "KiB": `${expected} "KiB"`,
    "64KB": `${expected} "64KB" ${units}`,
    "64k": `${expected} "64k" ${units}`,
  });
});

Deno.test("a formatted size reads back as the same one", () => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: MIB_BYTES }),
    fc.integer({ min: 0, max: 1024 }).map((kib) => kib * 1024),
  );
  fc.assert(fc.property(size, (sizeBytes) => {
    assert.equal(parseByteSize(formatByteSize(sizeBytes), SIZES), sizeBytes);
  }));
});
