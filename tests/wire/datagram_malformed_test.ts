import assert from "node:assert/strict";
import fc from "fast-check";
import {
  highestSegmentKind,
  MAX_FRAGMENTS,
  MAX_POSITIONS,
  MAX_SEQ,
  MAX_TIME,
} from "../../src/protocols/frame.ts";
import { writePositions } from "../../src/protocols/positions.ts";
import { ORDERS } from "../../src/protocols/process.ts";
import { Float, Raw, type Value, writeMsgpack } from "./any_msgpack.ts";
import {
  dataFrame,
  datagramsOf,
  documentedArray,
  helloFrame,
  looseFrame,
  read,
  RUN,
  stopPayload,
  text,
} from "./datagram_fixture.ts";

const HELLO = documentedArray(helloFrame(12.5, 3.25, 3));
const LOOSE = documentedArray(looseFrame(300, text("loose"), 1, 3));
const DATA = documentedArray(dataFrame({
  flags: 1,
  clock: 300,
  sent: 70_002,
  acks: [70_000, 300, 3],
  gaps: [3, 3, 5, 300],
  firstSeq: 70_000,
  segments: [[100, 1, text("frag")], [200, 0, text("ments")], [300, 2, stopPayload(7)]],
}));
const VALID = { HELLO, LOOSE, DATA };

/** The array with some elements replaced. */
function forged(array: readonly Value[], changes: Record<number, Value>): Value[] {
  return array.map((value, i) => changes[i] ?? value);
}

Deno.test("the datagrams that are spoilt here are valid before", () => {
  for (const array of Object.values(VALID)) {
    assert.equal(read(writeMsgpack(array))[0], "frame");
  }
});

Deno.test("a datagram cut off anywhere is malformed", () => {
  for (const [name, array] of Object.entries(VALID)) {
    const bytes = writeMsgpack(array);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(read(bytes.subarray(0, length))[0], "malformed", `${name}, ${length} bytes`);
    }
  }
});

Deno.test("a datagram with anything behind it is malformed", () => {
  for (const [name, array] of Object.entries(VALID)) {
    const bytes = writeMsgpack(array);
    for (let extra = 0; extra < 256; extra++) {
      assert.equal(read(Uint8Array.of(...bytes, extra))[0], "malformed", `${name}, ${extra}`);
    }
    assert.equal(read(Uint8Array.of(...bytes, ...bytes))[0], "malformed", `${name} twice`);
  }
});

Deno.test("any single byte changed gives a valid frame or none", () => {
  let frames = 0;
  for (const array of Object.values(VALID)) {
    const bytes = writeMsgpack(array);
    for (let at = 0; at < bytes.length; at++) {
      const original = bytes[at]!;
      for (let value = 0; value < 256; value++) {
        bytes[at] = value;
        if (read(bytes)[0] === "frame") frames++; // `read` has checked its fields.
      }
      bytes[at] = original;
    }
  }
  assert.ok(frames > 1000, "many changes leave a datagram valid, such as those in payloads");
});

Deno.test("several bytes changed, taken out or put in give a valid frame or none", () => {
  const edit = fc.tuple(fc.nat(200), fc.nat(2), fc.uint8Array({ maxLength: 6 }));
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(VALID)),
      fc.array(edit, { minLength: 1, maxLength: 5 }),
      (array, edits) => {
        const bytes = [...writeMsgpack(array)];
        for (const [at, remove, insert] of edits) {
          bytes.splice(at % bytes.length, remove, ...insert);
        }
        read(Uint8Array.from(bytes));
      },
    ),
    { numRuns: 10_000 },
  );
});

Deno.test("random bytes never throw, whatever begins them", () => {
  const prefixes = [
    "",
    ...Object.values(VALID).map((array) => {
      const head = writeMsgpack(array.slice(0, 5)).subarray(1).toHex();
      return (0x90 | array.length).toString(16) + head;
    }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...prefixes), fc.uint8Array({ maxLength: 200 }), (prefix, rest) => {
      read(Uint8Array.of(...Uint8Array.fromHex(prefix), ...rest));
    }),
    { numRuns: 20_000 },
  );
});

Deno.test("a datagram of another run is told apart, whatever it says besides", () => {
  for (const array of Object.values(VALID)) {
    const others = [0, 1, RUN - 1, RUN + 1, RUN % 2 ** 32, Number.MAX_SAFE_INTEGER];
    for (const run of others) {
      assert.equal(read(writeMsgpack(forged(array, { 2: run })))[0], "other run", `run ${run}`);
    }
    for (const run of [2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      assert.equal(read(writeMsgpack(forged(array, { 2: run })))[0], "malformed", `run ${run}`);
    }
  }
});

const FORGED: Record<string, Value> = {
  "nothing in it": [],
  "no array": 1,
  "another version": forged(DATA, { 0: 2 }),
  "version 0": forged(DATA, { 0: 0 }),
  "a version of 257, which is 1 in its low byte": forged(DATA, { 0: 257 }),
  "kind 3": forged(DATA, { 1: 3 }),
  "kind 255": forged(DATA, { 1: 255 }),
  "kind 257": forged(DATA, { 1: 257 }),
  "the kind of a hello, the fields of data": forged(DATA, { 1: 0 }),
  "the kind of data, the fields of a hello": forged(HELLO, { 1: 1 }),
  "the kind of data, the fields of a loose one": forged(LOOSE, { 1: 1 }),
  "the reader's own number": forged(DATA, { 3: 0 }),
  "the reader's own number in a hello": forged(HELLO, { 3: 0 }),
  "the reader's own number in a loose one": forged(LOOSE, { 3: 0 }),
  "a sender outside the group": forged(DATA, { 3: 3 }),
  "a sender far outside the group": forged(HELLO, { 3: 2 ** 32 }),
  "an unknown flag": forged(DATA, { 4: 4 }),
  "an unknown flag in a hello": forged(HELLO, { 4: 4 + 1 }),
  "a clock of 2^48": forged(DATA, { 5: MAX_TIME + 1 }),
  "a clock of 2^53": forged(DATA, { 5: 2n ** 53n }),
  "a clock of 2^64 - 1": forged(DATA, { 5: 2n ** 64n - 1n }),
  "2^32 segments sent": forged(DATA, { 6: MAX_SEQ + 1 }),
  "an acknowledgement too few": forged(DATA, { 7: [1, 2] }),
  "an acknowledgement too many": forged(DATA, { 7: [1, 2, 3, 4] }),
  "no acknowledgement": forged(DATA, { 7: [] }),
  "an acknowledgement of 2^32": forged(DATA, { 7: [1, 2, MAX_SEQ + 1] }),
  "acknowledgements in a binary": forged(DATA, { 7: text("abc") }),
  "half a gap": forged(DATA, { 8: [1] }),
  "a gap that ends before it begins": forged(DATA, { 8: [1, 2, 5, 4] }),
  "a gap that begins at 0": forged(DATA, { 8: [0, 4] }),
  "a gap that ends at 2^32": forged(DATA, { 8: [1, MAX_SEQ + 1] }),
  "65 gaps": forged(DATA, { 8: Array.from({ length: 130 }, (_, i) => i + 1) }),
  "a gap that isn't a number": forged(DATA, { 8: [1, text("2")] }),
  "segment 0": forged(DATA, { 9: 0 }),
  "a segment beyond the last sent": forged(DATA, { 6: 70_001 }),
  "segments from 2^32": forged(DATA, { 9: MAX_SEQ + 1, 6: MAX_SEQ }),
  "a segment numbered 2^32": forged(DATA, { 9: MAX_SEQ - 1, 6: MAX_SEQ }),
  "a segment without payload": forged(DATA, { 10: [1, 0] }),
  "a segment and a number": forged(DATA, { 10: [1, 0, text("a"), 2] }),
  "a segment of kind 3": forged(DATA, { 10: [1, 3, text("abcd")] }),
  "a stamp above the clock": forged(DATA, { 10: [301, 0, text("a")] }),
  "a last stamp above the clock": forged(DATA, { 10: [300, 0, text("a"), 301, 0, text("b")] }),
  "a stamp that falls": forged(DATA, { 10: [200, 0, text("a"), 199, 0, text("b")] }),
  "a last stamp that falls": forged(DATA, {
    10: [100, 0, text("a"), 300, 0, text("b"), 299, 0, text("c")],
  }),
  "a stamp of 2^48": forged(DATA, { 10: [MAX_TIME + 1, 0, text("a")] }),
  "a stamp of 2^53": forged(DATA, { 10: [2n ** 53n, 0, text("a")] }),
  "a stop marker without a number": forged(DATA, { 10: [1, 2, new Uint8Array(0)] }),
  "a stop marker of 3 bytes": forged(DATA, { 10: [1, 2, new Uint8Array(3)] }),
  "a stop marker of 5 bytes": forged(DATA, { 10: [1, 2, new Uint8Array(5)] }),
  "a payload that is a text": forged(DATA, { 10: [1, 0, new Raw("a161")] }),
  "a payload that is an array": forged(DATA, { 10: [1, 0, [1]] }),
  "a hello at no time": forged(HELLO, { 5: new Float(NaN) }),
  "a hello at the end of time": forged(HELLO, { 5: new Float(Infinity) }),
  "an echo that is no number": forged(HELLO, { 6: new Float(NaN) }),
  "an echo of -Infinity": forged(HELLO, { 6: new Float(-Infinity) }),
  "a hello with an integer for a time": forged(HELLO, { 5: 12 }),
  "a hello with a float 32": forged(HELLO, { 5: new Raw("ca41480000") }),
  "a loose message 0": forged(LOOSE, { 5: 0 }),
  "a loose message 2^32": forged(LOOSE, { 5: MAX_SEQ + 1 }),
  "fragment 3 of 3": forged(LOOSE, { 6: 3 }),
  "a fragment of none": forged(LOOSE, { 6: 0, 7: 0 }),
  "more fragments than a message may have": forged(LOOSE, { 7: MAX_FRAGMENTS + 1 }),
  "a fragment beyond those that a message may have": forged(LOOSE, {
    6: MAX_FRAGMENTS,
    7: MAX_FRAGMENTS + 1,
  }),
  "a loose message that is a text": forged(LOOSE, { 8: new Raw("a161") }),
};

for (const [name, value] of Object.entries(FORGED)) {
  Deno.test(`malformed: ${name}`, () => {
    assert.equal(read(writeMsgpack(value))[0], "malformed");
  });
}

/** A segment of kind 3 with this payload. */
function ordering(payload: Uint8Array): Uint8Array {
  return writeMsgpack(forged(DATA, { 10: [1, 3, payload] }));
}

Deno.test("positions are read in the orders that have them, and malformed in the others", () => {
  for (const order of ORDERS) {
    const highestKind = highestSegmentKind(order);
    const expected = order === "causal" || order === "sequencer" ? "frame" : "malformed";
    assert.equal(read(ordering(writePositions([[2, 1]])), { highestKind })[0], expected, order);
    const beyond = writeMsgpack(forged(DATA, { 10: [1, 4, writePositions([[2, 1]])] }));
    assert.equal(read(beyond, { highestKind })[0], "malformed", order);
  }
});

const FORGED_POSITIONS: Record<string, Uint8Array> = {
  "no position": new Uint8Array(0),
  "a position cut short": writePositions([[2, 1]]).subarray(0, 7),
  "a position and a byte": Uint8Array.of(...writePositions([[2, 1]]), 0),
  "half a position more": new Uint8Array(12),
  "a process outside the group": writePositions([[3, 1]]),
  "a process far outside the group": writePositions([[2 ** 32 - 1, 1]]),
  "a last process outside the group": writePositions([[0, 1], [1, 1], [2, 1], [3, 1]]),
  "a position too many": new Uint8Array((MAX_POSITIONS + 1) * 8),
};

for (const [name, payload] of Object.entries(FORGED_POSITIONS)) {
  Deno.test(`malformed: ${name} in what is said of the order`, () => {
    assert.equal(read(ordering(payload), { highestKind: 3 })[0], "malformed");
  });
}

Deno.test("any change of positions gives a valid frame or none", () => {
  const bytes = ordering(writePositions([[0, 17], [2, 300]]));
  let frames = 0;
  for (let at = 0; at < bytes.length; at++) {
    for (let value = 0; value < 256; value++) {
      const changed = bytes.with(at, value);
      if (read(changed, { highestKind: 3 })[0] === "frame") frames++; // `read` has checked its fields.
    }
  }
  assert.ok(frames > 1000, `${frames} changes leave a datagram valid, such as those of numbers`);
});

Deno.test("only the documented types are read, although others hold the same values", () => {
  // Each puts the value 1 (or as many elements, or bytes) into a field, in a type of msgpack that
  // the format does not use there.
  const ones = ["d001", "d10001", "d200000001", "d30000000000000001", "ca3f800000", "c3", "a131"];
  for (const digits of [...ones, "cb3ff0000000000000", "81c0c0", "c0", "d40001", "c1", "ff"]) {
    for (let field = 0; field < DATA.length; field++) {
      const bytes = writeMsgpack(forged(DATA, { [field]: new Raw(digits) }));
      assert.equal(read(bytes)[0], "malformed", `${digits} in field ${field}`);
    }
  }
  // As a map, an extension, or a text, the whole is no array.
  const body = writeMsgpack(DATA).subarray(1);
  for (const type of [0x8b, 0xab, 0xc1, 0xc7, 0xd9, 0xde, 0xdf]) {
    assert.equal(read(Uint8Array.of(type, ...body))[0], "malformed", `type ${type}`);
  }
});

Deno.test("an array that says another number of elements than it has is malformed", () => {
  const lying = (said: number, array: readonly Value[]) =>
    new Raw((0x90 | said).toString(16) + writeMsgpack(array).toHex().slice(2));
  for (const array of Object.values(VALID)) {
    for (let said = 0; said < 16; said++) {
      if (said === array.length) continue;
      assert.equal(read(writeMsgpack(lying(said, array)))[0], "malformed", `${said} fields`);
    }
  }
  for (const field of [7, 8, 10]) {
    const array = DATA[field] as Value[];
    for (let said = 0; said < 16; said++) {
      if (said === array.length) continue;
      const bytes = writeMsgpack(forged(DATA, { [field]: lying(said, array) }));
      assert.equal(read(bytes)[0], "malformed", `${said} elements in field ${field}`);
    }
  }
});

Deno.test("an extension is no binary, even with a length in front", () => {
  for (const head of ["c701", "c70000000000000001", "c80001", "c900000001", "d4"]) {
    const bytes = writeMsgpack(forged(LOOSE, { 8: new Raw(`${head}61`) }));
    assert.equal(read(bytes)[0], "malformed", head);
  }
});

Deno.test("a length that can't be true is malformed at once", () => {
  const start = (array: readonly Value[], elements: number) =>
    writeMsgpack(array.slice(0, elements)).toHex().slice(2);
  const lies = [
    `dd0000000b${start(DATA, 7)}ddffffffff`,
    `dd0000000b${start(DATA, 8)}ddfffffffe`,
    `dd0000000b${start(DATA, 10)}ddffffffff`,
    `dd0000000b${start(DATA, 10)}ddffffffff0100c6ffffffff`,
    `dd00000009${start(LOOSE, 8)}c6ffffffff`,
    "ddffffffff",
  ];
  for (const digits of lies) {
    assert.equal(read(Uint8Array.fromHex(digits))[0], "malformed", digits);
  }
});

Deno.test("in a group of one every datagram is malformed: who should have sent it?", () => {
  for (const from of [0, 1, 2]) {
    const [datagram] = datagramsOf(helloFrame(1, -1, 0, from));
    assert.equal(read(datagram!, { size: 1 })[0], "malformed");
  }
});
