import assert from "node:assert/strict";
import fc from "fast-check";
import { fragmentsOf, Reassembler } from "../../src/protocols/fragmentation.ts";
import { MAX_MESSAGE_BYTES, SegmentKind } from "../../src/protocols/frame.ts";

const { last, more } = SegmentKind;

/** Bytes that differ from their neighbours. */
function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8));
}

function fragments(payload: Uint8Array, fragmentBytes: number): Uint8Array[] {
  return [...fragmentsOf(payload, fragmentBytes)];
}

/** What comes out when a message goes in fragment by fragment: nothing before the last. */
function reassemble(reassembler: Reassembler, pieces: readonly Uint8Array[]): Uint8Array | null {
  for (const piece of pieces.slice(0, -1)) assert.equal(reassembler.add(more, piece), null);
  return reassembler.add(last, pieces.at(-1)!);
}

Deno.test("a message is cut into pieces of the size that was asked for, the last one shorter", () => {
  const cases: [bytes: number, fragmentBytes: number, sizes: number[]][] = [
    [0, 10, [0]],
    [1, 10, [1]],
    [9, 10, [9]],
    [10, 10, [10]],
    [11, 10, [10, 1]],
    [30, 10, [10, 10, 10]],
    [3, 1, [1, 1, 1]],
  ];
  for (const [length, fragmentBytes, sizes] of cases) {
    const pieces = fragments(bytes(length), fragmentBytes);
    assert.deepEqual(pieces.map((piece) => piece.length), sizes, `${length} bytes`);
  }
});

Deno.test("pieces are views: nothing is copied", () => {
  const payload = bytes(25);
  for (const piece of fragments(payload, 10)) assert.equal(piece.buffer, payload.buffer);
});

Deno.test("a message comes together as it was, whatever its size", () => {
  const reassembler = new Reassembler();
  for (const length of [0, 1, 1023, 1024, 1025, 65_507, MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES]) {
    const payload = bytes(length);
    for (const fragmentBytes of [1024, 1300, MAX_MESSAGE_BYTES]) {
      assert.deepEqual(reassemble(reassembler, fragments(payload, fragmentBytes)), payload);
    }
  }
});

Deno.test("messages follow each other without a trace of the one before", () => {
  const message = fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }));
  fc.assert(fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
    const reassembler = new Reassembler();
    for (const [payload, fragmentBytes] of messages) {
      assert.deepEqual(reassemble(reassembler, fragments(payload, fragmentBytes)), payload);
    }
  }));
});

Deno.test("a message of one piece isn't copied", () => {
  const payload = bytes(10);
  assert.equal(new Reassembler().add(last, payload), payload);
});

Deno.test("empty fragments, which nobody has to send, change nothing", () => {
  const [empty, a, b] = [bytes(0), Uint8Array.of(1, 2), Uint8Array.of(3)];
  const reassembler = new Reassembler();
  assert.deepEqual(reassemble(reassembler, [empty, a, empty, b, empty]), Uint8Array.of(1, 2, 3));
  assert.deepEqual(reassemble(reassembler, [empty, empty, empty]), empty);
});

Deno.test("a stream of fragments without an end holds one message's memory at most", () => {
  const reassembler = new Reassembler();
  const fragment = bytes(1000);
  for (let i = 0; i < 5000; i++) assert.equal(reassembler.add(more, fragment), null);
  const message = reassembler.add(last, fragment)!;
  assert.equal(message.length, 1_048_000);
  assert.deepEqual(reassembler.add(last, bytes(3)), bytes(3));
});
