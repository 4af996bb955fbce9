import assert from "node:assert/strict";
import fc from "fast-check";
import { SegmentRing } from "../../src/protocols/segment_ring.ts";

/** Where a window may begin: at the first segment, where numbers no longer fit into 31 bits, and
 * below the last number that there is. */
const STARTS = [1, 2 ** 31 - 300, 2 ** 32 - 50_000];

const payloadOf = (seq: number) => Uint8Array.of(seq % 251, seq % 241);

Deno.test("what is stored is found until it is dropped", () => {
  const ring = new SegmentRing(64);
  assert.equal(ring.has(5), false);
  ring.put(1, 5, 50, 1, payloadOf(5));
  assert.equal(ring.has(5), true);
  assert.equal(ring.timeAt(5), 50);
  assert.equal(ring.kindAt(5), 1);
  assert.deepEqual(ring.payloadAt(5), payloadOf(5));
  assert.deepEqual([4, 6].map((seq) => ring.has(seq)), [false, false]);
  ring.drop(5);
  assert.equal(ring.has(5), false);
});

Deno.test("an empty payload is a segment too", () => {
  const ring = new SegmentRing(64);
  ring.put(1, 1, 10, 0, new Uint8Array(0));
  assert.equal(ring.has(1), true);
  assert.equal(ring.payloadAt(1).length, 0);
});

Deno.test("a segment that comes twice is stored once, the later one", () => {
  const ring = new SegmentRing(64);
  ring.put(1, 3, 30, 0, payloadOf(3));
  ring.put(1, 3, 31, 1, payloadOf(4));
  assert.deepEqual([ring.timeAt(3), ring.kindAt(3)], [31, 1]);
  ring.drop(3);
  assert.equal(ring.has(3), false);
});

Deno.test("a segment beyond the window is refused and changes nothing", () => {
  const ring = new SegmentRing(128);
  ring.put(10, 10, 100, 0, payloadOf(10));
  assert.throws(() => ring.put(10, 138, 1380, 0, payloadOf(138)), {
    name: "RangeError",
    message: "Segment 138 is beyond the window of 128",
  });
  ring.put(10, 137, 1370, 0, payloadOf(137));
  assert.deepEqual([ring.timeAt(10), ring.timeAt(137)], [100, 1370]);
});

Deno.test("a full window moves on for ever", () => {
  for (const start of STARTS) {
    const ring = new SegmentRing(256);
    for (let seq = start; seq < start + 2000; seq++) {
      if (seq - start >= 256) {
        assert.equal(ring.timeAt(seq - 256), seq - 256);
        ring.drop(seq - 256);
      }
      ring.put(Math.max(start, seq - 255), seq, seq, seq % 3, payloadOf(seq));
    }
  }
});

type Command =
  | { readonly type: "put"; readonly ahead: number; readonly time: number; readonly kind: number }
  | { readonly type: "drop"; readonly ahead: number }
  | { readonly type: "advance"; readonly by: number };

const WINDOW = 1024;
const ahead = fc.oneof(fc.nat(63), fc.nat(WINDOW - 1));
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("put" as const),
      ahead,
      time: fc.maxSafeInteger(),
      kind: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("drop" as const), ahead }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("advance" as const), by: fc.nat(200) }) },
);

Deno.test("a ring holds what a map would, whatever is stored and dropped", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STARTS),
      fc.array(command, { maxLength: 200, size: "max" }),
      (start, commands) => {
        const ring = new SegmentRing(WINDOW);
        const model = new Map<number, readonly [number, number, Uint8Array]>();
        let first = start;
        for (const command of commands) {
          if (command.type === "put") {
            const seq = first + command.ahead;
            ring.put(first, seq, command.time, command.kind, payloadOf(seq));
            model.set(seq, [command.time, command.kind, payloadOf(seq)]);
          } else if (command.type === "drop") {
            const seq = first + command.ahead;
            if (model.delete(seq)) ring.drop(seq);
          } else {
            for (let i = 0; i < command.by; i++, first++) {
              if (model.delete(first)) ring.drop(first);
            }
          }
          for (const [seq, segment] of model) {
            assert.ok(ring.has(seq));
            assert.deepEqual(
              [ring.timeAt(seq), ring.kindAt(seq), ring.payloadAt(seq)],
              segment,
            );
          }
          // A ring begins with room for 64.
          for (let seq = first; seq < first + 64; seq++) {
            assert.equal(ring.has(seq), model.has(seq), `segment ${seq}`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
