import assert from "node:assert/strict";
import fc from "fast-check";
import { Frame } from "../../src/protocols/frame.ts";
import {
  GRANTS_PER_EPOCH,
  MAX_EPOCH,
  MAX_NODES,
  type RingMessage,
} from "../../src/protocols/token_ring/messages.ts";
import { isChatDatagram } from "../../src/wire/chat_messages.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { decodeValue, encodeValue } from "../../src/wire/msgpack.ts";
import {
  MAX_INCARNATION,
  MAX_WAIT_MS,
  RingDatagrams,
  type RingReading,
} from "../../src/wire/ring_datagrams.ts";
import { GROUP, RING_MESSAGES, SIZE } from "./ring_fixture.ts";

const SENDER = new RingDatagrams({ group: GROUP, self: 0, size: SIZE });
const RECEIVER = new RingDatagrams({ group: GROUP, self: 2, size: SIZE });
const VALID = Object.values(RING_MESSAGES).map((message) => SENDER.encode(message));
const MAX = Number.MAX_SAFE_INTEGER;

for (const message of Object.values(RING_MESSAGES)) {
  Deno.test(`a ring's ${message.type} is read as it was written`, () => {
    assert.deepEqual(RECEIVER.decode(SENDER.encode(message)), { from: 0, message });
  });
}

Deno.test("the largest numbers and views of a ring are read as they were written", () => {
  const members = Array.from({ length: MAX_NODES }, (_, node) => ({
    node,
    incarnation: MAX_INCARNATION - node,
    next: MAX_NODES - 1 - node,
  }));
  const view = { number: MAX, members };
  const waiting = members.map(({ node }) => node);
  const token = { epoch: MAX_EPOCH, sequence: MAX, grants: GRANTS_PER_EPOCH, view, waiting };
  const messages: RingMessage[] = [
    { type: "token", to: MAX_INCARNATION, token },
    { ...RING_MESSAGES.renew, epoch: MAX_EPOCH, sequence: MAX, view, sentAt: -0.1, fence: null },
    { ...RING_MESSAGES.propose, last: { epoch: 0, sequence: 0 } },
    { ...RING_MESSAGES.promise, next: null, last: { epoch: MAX_EPOCH, sequence: MAX } },
    { type: "refuse", epoch: MAX_EPOCH, promised: 0, waitMs: MAX_WAIT_MS },
  ];
  const [sender, receiver] = [63, 0].map((self) =>
    new RingDatagrams({ group: MAX, self, size: MAX_NODES })
  );
  for (const message of messages) {
    const bytes = sender!.encode(message);
    assert.ok(bytes.length <= 1400, `${message.type}: ${bytes.length} bytes fit into one packet`);
    assert.deepEqual(receiver!.decode(bytes), { from: 63, message });
  }
});

Deno.test("a ring is bounded", () => {
  assert.throws(() => new RingDatagrams({ group: 1, self: 0, size: MAX_NODES + 1 }), RangeError);
});

Deno.test("a datagram stays as it is when the next one is written", () => {
  const first = SENDER.encode(RING_MESSAGES.ack);
  const hex = first.toHex();
  SENDER.encode(RING_MESSAGES.renew);
  assert.equal(first.toHex(), hex);
});

Deno.test("what comes from another ring is told apart, whatever it says", () => {
  const other = new RingDatagrams({ group: GROUP + 1, self: 5, size: 9 });
  for (const message of Object.values(RING_MESSAGES)) {
    assert.equal(RECEIVER.decode(other.encode(message)), "other ring");
  }
});

Deno.test("frames, chats and rings don't take each other's datagrams", () => {
  const reader = new DatagramReader(GROUP, 2, SIZE);
  for (const bytes of VALID) {
    assert.ok(!isChatDatagram(bytes));
    assert.notEqual(reader.read(bytes, new Frame(SIZE)), "frame");
  }
  assert.equal(RECEIVER.decode(encodeValue([1, 0, GROUP, 0, 0, 1.5, -1]).slice()), "malformed");
  assert.equal(RECEIVER.decode(encodeValue([1, 8, GROUP, 0, 0, 0, 0]).slice()), "malformed");
});

/** The datagram of a message, with some elements replaced: format, kind, ring and sender are 0 to
 * 3. */
function forged(type: RingMessage["type"], changes: Record<number, unknown>): Uint8Array {
  const values = decodeValue(SENDER.encode(RING_MESSAGES[type])) as unknown[];
  return encodeValue(values.map((value, i) => i in changes ? changes[i] : value)).slice();
}

const FORGED: Record<string, Uint8Array> = {
  "no array": encodeValue({ type: "ack" }).slice(),
  "an empty array": encodeValue([]).slice(),
  "a header alone": encodeValue([1, 17, GROUP, 0]).slice(),
  "format 2": forged("ack", { 0: 2 }),
  "kind 26": forged("ack", { 1: 26 }),
  "the kind of another message": forged("ack", { 1: 16 }),
  "a group that is no integer": forged("ack", { 2: 1.5 }),
  "a group below 0": forged("ack", { 2: -1 }),
  "the receiver as its sender": forged("ack", { 3: 2 }),
  "a sender who is in no file": forged("ack", { 3: 3 }),
  "a sender of no number": forged("ack", { 3: null }),
  "epoch 0": forged("ack", { 4: 0 }),
  "an epoch beyond the last": forged("ack", { 4: MAX_EPOCH + 1 }),
  "an epoch between two": forged("ack", { 4: 1.5 }),
  "a sequence number below 0": forged("ack", { 5: -1 }),
  "a sequence number that is text": forged("ack", { 5: "1000" }),
  "incarnation 0": forged("leave", { 4: 0 }),
  "incarnation 2^32": forged("leave", { 4: 2 ** 32 }),
  "a wish for who is in no file": forged("hello", { 5: 3 }),
  "a wish below 0": forged("want", { 5: -1 }),
  "a promise with a wish for who is in no file": forged("promise", { 6: 3 }),
  "a token to incarnation 0": forged("token", { 4: 0 }),
  "a token of epoch 0": forged("token", { 5: 0 }),
  "a token of too many grants": forged("token", { 7: GRANTS_PER_EPOCH + 1 }),
  "a token that is waited for by who is in no file": forged("token", { 8: [3] }),
  "a token that is waited for twice": forged("token", { 8: [1, 2, 1] }),
  "a token that is waited for by a number": forged("token", { 8: 1 }),
  "a view of a number below 0": forged("token", { 9: -1 }),
  "a view of nobody": forged("token", { 10: [] }),
  "a view that is no array": forged("token", { 10: 7 }),
  "a view of a member and a half": forged("token", { 10: [0, 11, null, 1] }),
  "a view with somebody twice": forged("token", { 10: [1, 11, null, 1, 12, null] }),
  "a view with who is in no file": forged("token", { 10: [3, 11, null] }),
  "a view with who is in no file as a wish": forged("token", { 10: [0, 11, 3] }),
  "a view with incarnation 0": forged("token", { 10: [0, 0, null] }),
  "a view of 65 nodes": forged("token", {
    10: Array.from({ length: 65 }, (_, i) => [i, 11, null]).flat(),
  }),
  "a clock that is none": forged("renew", { 7: NaN }),
  "a clock of infinity": forged("renew", { 7: Infinity }),
  "a lease that is a number": forged("renew", { 8: 1 }),
  "a fencing number below 0": forged("renew", { 9: -1 }),
  "a quorum that is a number": forged("renew", { 10: 1 }),
  "a renewal with who is in no file": forged("renew", { 12: [3, 11, null] }),
  "support of epoch 0": forged("support", { 4: 0 }),
  "support at no time": forged("support", { 6: "now" }),
  "a proposal after an epoch below 0": forged("propose", { 6: -1 }),
  "a promise of a view below 0": forged("promise", { 9: -1 }),
  "a refusal with a wait below 0": forged("refuse", { 6: -0.5 }),
  "a refusal with a wait of no end": forged("refuse", { 6: Infinity }),
};

Deno.test("what is forged here is valid before", () => {
  for (const type of Object.keys(RING_MESSAGES) as RingMessage["type"][]) {
    assert.equal(typeof RECEIVER.decode(forged(type, {})), "object");
  }
  assert.equal(typeof RECEIVER.decode(forged("token", { 10: [1, 11, null] })), "object");
});

for (const [name, bytes] of Object.entries(FORGED)) {
  Deno.test(`malformed in a ring's datagram: ${name}`, () => {
    assert.equal(RECEIVER.decode(bytes), "malformed");
  });
}

Deno.test("a ring's datagram cut off anywhere, or with anything behind it, is malformed", () => {
  for (const bytes of VALID) {
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(RECEIVER.decode(bytes.subarray(0, length)), "malformed", `${length} bytes`);
    }
    for (let extra = 0; extra < 256; extra++) {
      assert.equal(RECEIVER.decode(Uint8Array.of(...bytes, extra)), "malformed", `${extra}`);
    }
  }
});

Deno.test("random changes give a valid message of a ring, or none", () => {
  const edit = fc.tuple(fc.nat(200), fc.nat(2), fc.uint8Array({ maxLength: 6 }));
  let valid = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...VALID),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (original, edits) => {
        const bytes = [...original];
        for (const [at, remove, insert] of edits) {
          bytes.splice(at % bytes.length, remove, ...insert);
        }
        const reading = RECEIVER.decode(Uint8Array.from(bytes));
        if (typeof reading === "string") return;
        valid++;
        assertReadAgain(reading);
      },
    ),
    { numRuns: 10_000 },
  );
  assert.ok(valid > 100, `${valid} changes left a message valid`);
});

Deno.test("random bytes never make a ring's reader throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      RECEIVER.decode(bytes);
      RECEIVER.decode(Uint8Array.of(0x96, 1, 17, ...bytes));
    }),
    { numRuns: 5000 },
  );
});

function assertReadAgain(reading: Exclude<RingReading, string>): void {
  const writer = new RingDatagrams({ group: GROUP, self: reading.from, size: SIZE });
  assert.deepEqual(RECEIVER.decode(writer.encode(reading.message)), reading);
}
