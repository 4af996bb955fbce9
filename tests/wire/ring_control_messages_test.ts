import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeValue, encodeValue } from "../../src/wire/msgpack.ts";
import {
  decodeRingReply,
  decodeRingRequest,
  type RingReply,
  type RingRequest,
} from "../../src/wire/ring_control_messages.ts";

const REQUESTS: RingRequest[] = [
  { type: "lock", group: Number.MAX_SAFE_INTEGER, node: "a", sentAt: 12.5 },
  { type: "alive", sentAt: -3 },
  { type: "unlock" },
  { type: "status", group: 0, node: "é".repeat(64) },
];

const REPLIES: RingReply[] = [
  { type: "granted", fence: 1_000_000_001, until: 1500.25 },
  { type: "extended", until: 2000 },
  { type: "lost", reason: "the node ends" },
  { type: "unlocked" },
  { type: "busy", holder: "b", fence: 7 },
  { type: "quorum", hasQuorum: false, reached: 1, machines: 5 },
  {
    ...{ type: "status", node: "a", isStarted: true, epoch: 2, value: 70, view: ["a", "b"] },
    ...{ holder: null, fence: null, hasQuorum: null, reached: 1, machines: 2 },
    ...{ waiting: 0, malformed: 3 },
  },
  { type: "error", reason: "" },
];

const cases: [message: object, decode: (value: unknown) => object][] = [
  ...REQUESTS.map((message) => [message, decodeRingRequest] as [object, typeof decodeRingRequest]),
  ...REPLIES.map((message) => [message, decodeRingReply] as [object, typeof decodeRingReply]),
];

Deno.test("what is said about a lock is read as it was written", () => {
  for (const [message, decode] of cases) {
    assert.deepEqual(decode(decodeValue(encodeValue(message).slice())), message);
  }
});

Deno.test("what is said about a lock needs each of its fields, of the right kind", () => {
  const mayBeMissing = new Set(["holder", "fence", "hasQuorum"]);
  for (const [message, decode] of cases) {
    for (const field of Object.keys(message)) {
      const without = { ...message, [field]: undefined };
      const isStatus = "view" in message;
      if (!(isStatus && mayBeMissing.has(field))) assert.throws(() => decode(without), TypeError);
      for (const wrong of [NaN, {}, "\u001b[2J", "x".repeat(1001)]) {
        assert.throws(() => decode({ ...message, [field]: wrong }), TypeError, field);
      }
    }
  }
});

Deno.test("anything else is refused", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const decode of [decodeRingRequest, decodeRingReply]) {
        try {
          decode(value);
          return; // By chance it was one.
        } catch (error) {
          assert.ok(error instanceof TypeError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
