import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeValue, encodeValue } from "../../src/wire/msgpack.ts";
import { unhex } from "./hex.ts";

function decode(digits: string): unknown {
  return decodeValue(unhex(digits));
}

/** What decoding must yield, and nothing else. */
function isPlain(value: unknown): boolean {
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return true;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value as object).every(isPlain);
}

Deno.test("any plain value comes back as it was", () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.constant(null),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }).map((x) => x + 0), // msgpackr writes -0 as 0.
      fc.string({ unit: "grapheme" }),
      fc.uint8Array(),
      fc.array(tie("value")),
      fc.dictionary(fc.string().filter((key) => key !== "__proto__"), tie("value")).map((map) => ({
        ...map,
      })),
    ),
  })).value;
  fc.assert(fc.property(value, (value) => {
    assert.deepEqual(decodeValue(encodeValue(value).slice()), value);
  }));
});

Deno.test("integers of every width are read, from any encoder", () => {
  const cases: [string, number][] = [
    ["7f", 127],
    ["ff", -1],
    ["cc ff", 255],
    ["cd ffff", 65_535],
    ["ce ffffffff", 2 ** 32 - 1],
    ["cf 0000000000000005", 5],
    ["cf 001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["d0 80", -128],
    ["d1 8000", -32_768],
    ["d2 80000000", -(2 ** 31)],
    ["d3 ffffffffffffffff", -1],
    ["d3 ffe0000000000001", Number.MIN_SAFE_INTEGER],
    ["ca 3fc00000", 1.5],
  ];
  for (const [digits, value] of cases) assert.equal(decode(digits), value, digits);
});

Deno.test("integers beyond 2^53 - 1 are refused, not rounded", () => {
  const digits = [
    "cf 0020000000000000",
    "cf ffffffffffffffff",
    "d3 ffe0000000000000",
    "d3 8000000000000000",
  ];
  for (const one of digits) assert.throws(() => decode(one), /beyond 2\^53 - 1/, one);
});

Deno.test("extension types are refused, also deep inside and behind valid parts", () => {
  const extensions = {
    "a record definition": "d4 72 40 91 a161 01",
    "a two-byte record definition": "d5 72 40 00 91 a161 01",
    "undefined": "d4 00 00",
    "a date": "d6 ff 00000000",
    "a big integer": "c7 09 42 7f ffffffffffffffff",
    "an error": "d4 65 00 92 a5 4572726f72 a1 61",
    "a regular expression": "d4 78 00 92 a3 282b29 a0",
    "a set": "d4 73 00 91 01",
    "an identity": "d6 69 00000001 91 01",
    "a pointer": "d6 70 00000001",
    "a typed array": "c7 05 74 05 01000000",
    "bundled strings": "d6 62 00000005 a161 a162",
    "an ext 16": "c8 0001 01 00",
    "an ext 32": "c9 00000001 01 00",
    "a fixext 8": "d7 01 0000000000000000",
    "a fixext 16": "d8 01 00000000000000000000000000000000",
  };
  for (const [name, digits] of Object.entries(extensions)) {
    assert.throws(() => decode(digits), /extension types are refused/, name);
    assert.throws(() => decode(`81 a1 61 ${digits}`), /extension types are refused/, name);
    assert.throws(() => decode(`92 c0 ${digits}`), /extension types are refused/, name);
  }
});

Deno.test("a message whose references would grow without bound is refused", () => {
  // Each level holds the one before twice, by reference: 20 of them are a million values to walk.
  let digits = "d6 69 00000000 91 01";
  for (let i = 1; i < 10; i++) {
    digits = `d6 69 0000000${i} 92 ${digits} d6 70 0000000${i - 1}`;
  }
  assert.throws(() => decode(digits), /extension types are refused/);
});

Deno.test("a token that looks like a record is a number", () => {
  assert.deepEqual(decode("93 40 5f 7f"), [0x40, 0x5f, 0x7f]);
});

Deno.test("the byte that is never used is refused", () => {
  assert.throws(() => decode("c1"), /0xc1 is never used/);
});

Deno.test("no key reaches a prototype", () => {
  const decoded = decode("81 a9 5f5f70726f746f5f5f 81 a8 706f6c6c75746564 c3") as object;
  assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
  assert.equal("polluted" in decoded, false);
  assert.equal("polluted" in {}, false);
  // The same where the message is too long for the decoder's shortcuts.
  const long = decode(`82 a1 70 d9 ff ${"78".repeat(255)} a9 5f5f70726f746f5f5f 80`) as object;
  assert.equal(Object.getPrototypeOf(long), Object.prototype);
});

Deno.test("a map's key must be a string", () => {
  for (const key of ["01", "c0", "90", "80", "c4 01 61", "cb 3ff0000000000000"]) {
    assert.throws(() => decode(`81 ${key} c0`), /a map's key must be a string/, key);
  }
});

Deno.test("a value cut off anywhere is refused", () => {
  const bytes = encodeValue({
    list: [1, -1, 300, 70_000, 2 ** 40, 0.5, null, true],
    text: "x".repeat(40),
    long: "y".repeat(300),
    data: new Uint8Array(10),
    inner: { a: { b: [] } },
  }).slice();
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeValue(bytes.subarray(0, length)), SyntaxError, `${length} bytes`);
  }
});

Deno.test("bytes behind the value are refused", () => {
  assert.throws(() => decode("c0 c0"), /the value ends here, but 2 bytes came/);
  assert.throws(() => decode("81 a161 01 00"), /the value ends here/);
});

Deno.test("a count or length that can't be true is refused before it costs memory", () => {
  for (
    const digits of ["dd ffffffff", "df ffffffff", "df 80000000", "db ffffffff", "c6 ffffffff"]
  ) {
    assert.throws(() => decode(digits), SyntaxError, digits);
    assert.throws(() => decode(`${digits} c0 c0`), SyntaxError, digits);
  }
  assert.throws(() => decode(`${"dc ffff".repeat(8)} ${"c0".repeat(70_000)}`), SyntaxError);
});

Deno.test("nesting has a limit, which isn't the stack", () => {
  assert.ok(Array.isArray(decode(`${"91".repeat(16)} c0`)));
  assert.throws(() => decode(`${"91".repeat(17)} c0`), /nested more than 16 deep/);
  assert.throws(() => decode(`${"91".repeat(1_000_000)} c0`), /nested more than 16 deep/);
});

Deno.test("random bytes decode to plain values or are refused as a SyntaxError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 400 }), (bytes) => {
      try {
        assert.ok(isPlain(decodeValue(bytes)));
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("a valid message with some bytes changed decodes to plain values or is refused", () => {
  const original = encodeValue({
    type: "register",
    name: "ada",
    udp: { host: "127.0.0.1", port: 5678 },
    list: [1, 2.5, null, new Uint8Array(20)],
    text: "z".repeat(200),
  }).slice();
  const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = original.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        assert.ok(isPlain(decodeValue(bytes)));
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});

Deno.test("what would be read as something that isn't plain can't be written", () => {
  for (const value of [new Date(), new Map([[1, 2]]), 2n ** 60n, Symbol("x")]) {
    assert.throws(() => encodeValue({ value }), TypeError, String(value));
  }
});

Deno.test("a missing field is written as null", () => {
  assert.deepEqual(decodeValue(encodeValue({ region: undefined })), { region: null });
});

Deno.test("msgpackr runs without its native addon", async () => {
  const { isNativeAccelerationEnabled } = await import("msgpackr/index-no-eval");
  assert.equal(isNativeAccelerationEnabled, false);
});
