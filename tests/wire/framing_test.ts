import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { hex } from "./hex.ts";

const MESSAGES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  127,
  128,
  -32,
  -33,
  65_535,
  65_536,
  2 ** 32,
  2 ** 48 - 1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  0.1,
  -1e300,
  "",
  "a",
  "Zürich, 東京, 🐟",
  "x".repeat(31),
  "x".repeat(32),
  "x".repeat(256),
  "ü".repeat(40_000),
  [],
  [1, [2, [3, []]]],
  Array.from({ length: 16 }, (_, i) => i),
  Array.from({ length: 70_000 }, () => "v"),
  {},
  { type: "list" },
  { type: "x", nested: { list: [{ a: null }, { b: false }] } },
  Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, i])),
  new Uint8Array(0),
  { data: Uint8Array.of(0, 255, 128) },
  new Uint8Array(300).fill(7),
  { big: new Uint8Array(100_000).fill(9) },
];

/** Pushes the chunks and returns all messages, decoded, as soon as they are there. */
function readAll(reader: FrameReader, chunks: Iterable<Uint8Array>): unknown[] {
  const messages: unknown[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let body = reader.read(); body !== undefined; body = reader.read()) {
      messages.push(decodeValue(body));
    }
  }
  return messages;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

Deno.test("a frame is its length in four bytes, most significant first, and the message", () => {
  assert.equal(hex(encodeFrame({ type: "list" })), "0000000b 81a474797065a46c697374");
});

Deno.test("every kind of value comes back from a frame that arrives whole", () => {
  for (const message of MESSAGES) {
    assert.deepEqual(readAll(new FrameReader(), [encodeFrame(message)]), [message]);
  }
});

Deno.test("every kind of value comes back from a frame that arrives byte by byte", () => {
  for (const message of MESSAGES) {
    const reader = new FrameReader();
    assert.deepEqual(readAll(reader, cut(encodeFrame(message), 1)), [message]);
    assert.equal(reader.pendingBytes, 0);
  }
});

Deno.test("bytes behind a frame wait for the rest of theirs", () => {
  for (const message of MESSAGES) {
    const reader = new FrameReader();
    const after = encodeFrame("after");
    reader.push(concat([encodeFrame(message), after.subarray(0, 5)]));
    assert.deepEqual(decodeValue(reader.read()!), message);
    assert.equal(reader.read(), undefined);
    assert.equal(reader.pendingBytes, 5);
    reader.push(after.subarray(5));
    assert.equal(decodeValue(reader.read()!), "after");
  }
});

Deno.test("a stream of frames comes back in order, wherever it is cut", () => {
  const stream = concat(MESSAGES.slice(0, 20).map((message) => encodeFrame(message)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
      const chunks: Uint8Array[] = [];
      for (let from = 0, i = 0; from < stream.length; i++) {
        const size = sizes[i % sizes.length]!;
        chunks.push(stream.subarray(from, from + size));
        from += size;
      }
      assert.deepEqual(readAll(new FrameReader(), chunks), MESSAGES.slice(0, 20));
    }),
  );
});

Deno.test("the reader copies: the caller may use its buffer again, and messages stay as they were", () => {
  const reader = new FrameReader();
  const buffer = concat([encodeFrame(Uint8Array.of(1, 2, 3)), encodeFrame("next")]);
  reader.push(buffer);
  buffer.fill(0);
  const first = decodeValue(reader.read()!) as Uint8Array;
  assert.equal(decodeValue(reader.read()!), "next");
  reader.push(encodeFrame(new Uint8Array(50).fill(99)));
  reader.read();
  assert.deepEqual([...first], [1, 2, 3]);
});

Deno.test("a length of 0 is refused, again and again", () => {
  const reader = new FrameReader();
  reader.push(new Uint8Array(4));
  assert.throws(() => reader.read(), new RangeError("A frame announces 0 bytes"));
  reader.push(encodeFrame("hello"));
  assert.throws(() => reader.read(), RangeError);
});

Deno.test("a length beyond the limit is refused before its bytes come, behind the frames before it", () => {
  const reader = new FrameReader(100);
  reader.push(concat([encodeFrame("before"), Uint8Array.of(0, 0, 0, 101)]));
  assert.equal(decodeValue(reader.read()!), "before");
  const error = new RangeError("A frame announces 101 bytes, the limit is 100");
  assert.throws(() => reader.read(), error);
  assert.throws(() => reader.read(), error);
});

Deno.test("a length of 2^32 - 1 is a large number, not -1", () => {
  const reader = new FrameReader();
  reader.push(new Uint8Array(4).fill(255));
  assert.throws(() => reader.read(), /announces 4294967295 bytes/);
});

Deno.test("a message exactly as large as the limit passes, one byte more is refused at both ends", () => {
  const largest = new Uint8Array(MAX_FRAME_BYTES - 5); // A binary's header takes 5 bytes.
  const reader = new FrameReader();
  reader.push(encodeFrame(largest));
  assert.equal(reader.read()?.length, MAX_FRAME_BYTES);
  assert.throws(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES - 4)), RangeError);
  assert.throws(() => {
    reader.push(encodeFrame(new Uint8Array(MAX_FRAME_BYTES - 4), MAX_FRAME_BYTES + 1));
    reader.read();
  }, /announces 1048577 bytes/);
});

Deno.test("a million bytes that trickle in one by one are read in linear time", () => {
  // Quadratic copying would move 5 * 10^11 bytes, which takes minutes.
  const payload = new Uint8Array(1_000_000).fill(1);
  const startedAt = performance.now();
  const messages = readAll(new FrameReader(), cut(encodeFrame(payload), 1));
  assert.deepEqual(messages, [payload]);
  assert.ok(performance.now() - startedAt < 10_000);
});

Deno.test("ten thousand frames in ten thousand chunks that never match their borders come back", () => {
  const frames = Array.from({ length: 10_000 }, (_, i) => encodeFrame({ i }));
  const stream = concat(frames);
  const chunks = cut(stream, Math.ceil(stream.length / 10_000) + 1);
  const messages = readAll(new FrameReader(), chunks);
  assert.deepEqual(messages, frames.map((_, i) => ({ i })));
});

Deno.test("random bytes never make the reader hang or hold more than it was given", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
      const reader = new FrameReader(64);
      try {
        for (const chunk of chunks) {
          reader.push(chunk);
          for (let body = reader.read(); body !== undefined; body = reader.read()) {
            assert.ok(body.length >= 1 && body.length <= 64);
          }
          assert.ok(reader.pendingBytes < 4 + 64);
        }
      } catch (error) {
        assert.ok(error instanceof RangeError);
        assert.match(error.message, /^A frame announces/);
      }
    }),
  );
});
