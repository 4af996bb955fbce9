import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_TEXT_BYTES, type Message } from "../../src/protocols/persistent/messages.ts";
import { DeliverFrames } from "../../src/wire/deliver_frames.ts";
import { encodeFrame, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { decodeDeliveryMessage } from "../../src/wire/persistent_messages.ts";

function message(seq: number, sizeBytes: number, at = 1_732_100_000_123, sender = "ada"): Message {
  return { seq, at, sender, payload: new Uint8Array(sizeBytes).fill(seq) };
}

function decode(frame: Uint8Array): readonly Message[] {
  const decoded = decodeDeliveryMessage(decodeValue(frame.subarray(4)));
  assert.ok(decoded.type === "deliver");
  return decoded.messages;
}

const anyId = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((id) => id.length <= 64 && !/[\s\p{Cc}\p{Zl}\p{Zp}]/u.test(id));

Deno.test("what is written by hand is what the library would write, whatever the messages", () => {
  const frames = new DeliverFrames();
  const anyMessage = fc.tuple(
    fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(2 ** 31 - 1), fc.maxSafeNat()),
    anyId,
    fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(70_000))),
  );
  const anyFirst = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(2 ** 32), fc.nat(1e9));
  fc.assert(
    fc.property(anyFirst, fc.array(anyMessage, { minLength: 1, maxLength: 3 }), (from, rows) => {
      const first = from + 1;
      const messages = rows.map(([at, sender, payload], i) => ({
        seq: first + i,
        at,
        sender,
        payload,
      }));
      const written = frames.encode(messages);
      const flat = rows.flat();
      assert.equal(written.length, 1);
      assert.equal(
        written[0]!.toHex(),
        encodeFrame({ type: "deliver", first, messages: flat }).toHex(),
      );
      assert.deepEqual(decode(written[0]!), messages);
    }),
  );
});

Deno.test("messages are spread over frames of a moderate size, each with its first number", () => {
  const messages = Array.from({ length: 1000 }, (_, i) => message(i + 5, 1000));
  const frames = new DeliverFrames().encode(messages);
  assert.ok(frames.length > 3);
  for (const frame of frames) assert.ok(frame.length <= 256 * 1024);
  assert.deepEqual(frames.flatMap(decode), messages);
});

Deno.test("the largest message of the longest name fits a frame", () => {
  const largest = message(2 ** 40, MAX_TEXT_BYTES, 2 ** 42, "\u6f22".repeat(64));
  const small = message(2 ** 40 + 1, 1);
  const frames = new DeliverFrames().encode([largest, small]);
  assert.equal(frames.length, 2);
  for (const frame of frames) assert.ok(frame.length - 4 <= MAX_FRAME_BYTES);
  assert.deepEqual(frames.flatMap(decode), [largest, small]);
});

Deno.test("frames are memory of their own", () => {
  const frames = new DeliverFrames();
  const [first] = frames.encode([message(1, 10)]);
  const before = first!.toHex();
  frames.encode([message(2, 10)]);
  assert.equal(first!.toHex(), before);
});
