import assert from "node:assert/strict";
import { MAX_GROUP_SIZE } from "../../src/protocols/frame.ts";
import {
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  decodeControlRequest,
  MAX_LOG_EVENTS,
  type Start,
} from "../../src/wire/control_messages.ts";
import { encodeFrame, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";

const start: Start = {
  type: "start",
  run: 2 ** 48 - 1,
  process: 1,
  members: [
    { name: "ada", udp: { host: "127.0.0.1", port: 40001 }, region: null },
    { name: "bob", udp: { host: "::1", port: 40002 }, region: "eu-west-1" },
  ],
  messages: 10_000_000,
  outstanding: 1,
  order: "lamport",
  intervalMinMs: 0.5,
  intervalMaxMs: 20,
  payloadBytes: 1_048_576,
  seed: 2 ** 32 - 1,
  log: false,
};

const log = {
  type: "log",
  kind: new Uint8Array(1),
  sender: new Uint8Array(4),
  seq: new Uint8Array(4),
  time: new Uint8Array(8),
  at: new Uint8Array(8),
  size: new Uint8Array(4),
} as const;

const progress = {
  type: "progress",
  state: "waiting",
  multicast: 50,
  delivered: 99,
  waitingFor: [1],
} as const;

const sender = { delivered: 9, highest: 8, skips: 1, repeated: 2, unplaced: 1 } as const;

const digest = {
  multicast: 4,
  senders: [sender, { delivered: 5, highest: 4, skips: 0, repeated: 1, unplaced: 0 }],
  sequenceHash: "0123456789abcdef",
  setHash: "fedcba9876543210",
  firstAt: 1732100000123.4,
  lastAt: 1732100000184,
  firstSkip: { sender: 0, seq: 3, position: 1 },
  firstRepeat: { sender: 1, seq: 1, position: 7 },
  firstEarly: null,
} as const;

const end = {
  type: "end",
  complete: false,
  waitingFor: [0, 1],
  datagrams: 12,
  bytes: 2 ** 40,
  malformed: 0,
  corrupted: 0,
  retransmitted: 3,
  digest: null,
} as const;

const requests: ControlRequest[] = [
  start,
  { type: "finish" },
  { type: "release" },
  { type: "quit" },
];

const replies: ControlReply[] = [
  { type: "accepted", machine: "4a1f" },
  { type: "refused", reason: "A run is under way" },
  progress,
  log,
  end,
  { ...end, digest },
  { type: "error", reason: "No route to host" },
];

function travel(message: unknown): unknown {
  return decodeValue(encodeFrame(message).subarray(4));
}

Deno.test("every request and every reply survives the journey", () => {
  for (const request of requests) assert.deepEqual(decodeControlRequest(travel(request)), request);
  for (const reply of replies) assert.deepEqual(decodeControlReply(travel(reply)), reply);
});

Deno.test("a start with a wrong field is refused, and the field is named", () => {
  const member = start.members[0]!;
  const cases: [Record<string, unknown>, string][] = [
    [{ run: 0 }, "run must be an integer from 1 to 281474976710655"],
    [{ run: 2 ** 48 }, "run must be"],
    [{ process: -1 }, "process must be"],
    [{ process: 2 }, "process must be a position in members"],
    [{ members: [] }, "process must be a position in members"],
    [{ members: Array(201).fill(member) }, "members must be an array of at most 200 elements"],
    [{ process: 200 }, "process must be an integer from 0 to 199"],
    [{ members: [member, { ...member, udp: null }] }, "members[1].udp must be a map"],
    [{ messages: 10_000_001 }, "messages must be"],
    [{ messages: 1.5 }, "messages must be"],
    [{ outstanding: 0 }, "outstanding must be an integer from 1 to 10000000"],
    [{ outstanding: 10_000_001 }, "outstanding must be"],
    [{ outstanding: "1" }, "outstanding must be"],
    [{ order: "sorted" }, "order must be one of"],
    [{ intervalMinMs: -1 }, "intervalMinMs must be a number"],
    [{ intervalMaxMs: NaN }, "intervalMaxMs must be a number"],
    [{ intervalMinMs: 21 }, "intervalMinMs must not exceed intervalMaxMs"],
    [{ payloadBytes: 1_048_577 }, "payloadBytes must be"],
    [{ seed: 2 ** 32 }, "seed must be"],
    [{ log: 0 }, "log must be true or false"],
    [{ log: "none" }, "log must be"],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => decodeControlRequest({ ...start, ...change }), (error) => {
      return error instanceof TypeError && error.message.startsWith("In message start: Field ") &&
        error.message.includes(`Field ${message}`);
    }, message);
  }
});

Deno.test("a start that says nothing of outstanding messages sets no limit", () => {
  const { outstanding: _, ...older } = start;
  for (const value of [older, { ...older, outstanding: null }]) {
    assert.deepEqual(decodeControlRequest(travel(value)), { ...start, outstanding: null });
  }
});

Deno.test("a start that says nothing of logs wants them, and an end may come without a digest", () => {
  const { log: _, ...older } = start;
  for (const value of [older, { ...older, log: null }]) {
    assert.deepEqual(decodeControlRequest(travel(value)), { ...start, log: true });
  }
  const { digest: __, ...olderEnd } = end;
  assert.deepEqual(decodeControlReply(travel(olderEnd)), end);
});

Deno.test("a digest with a wrong field is refused, and the field is named", () => {
  const cases: [object, string][] = [
    [{ multicast: -1 }, "digest.multicast must be"],
    [{ multicast: 2 ** 32 }, "digest.multicast must be"],
    [{ senders: {} }, "digest.senders must be an array"],
    [{ senders: Array(201).fill(sender) }, "digest.senders must be an array of at most 200"],
    [{ senders: [null] }, "digest.senders[0] must be a map"],
    [{ senders: [sender, { ...sender, highest: 2 ** 32 }] }, "digest.senders[1].highest must be"],
    [{ sequenceHash: "0123456789abcde" }, "digest.sequenceHash must be 16 hexadecimal digits"],
    [{ setHash: "0123456789ABCDEF" }, "digest.setHash must be"],
    [{ setHash: 5 }, "digest.setHash must be"],
    [{ firstAt: -1 }, "digest.firstAt must be"],
    [{ lastAt: NaN }, "digest.lastAt must be"],
    [{ firstSkip: 3 }, "digest.firstSkip must be a map"],
    [{ firstRepeat: { sender: 200, seq: 1, position: 0 } }, "digest.firstRepeat.sender must be"],
    [{ firstEarly: { sender: 0, seq: 1 } }, "digest.firstEarly.position must be"],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => decodeControlReply({ ...end, digest: { ...digest, ...change } }),
      (error) => error instanceof TypeError && error.message.includes(`Field ${message}`),
      message,
    );
  }
});

Deno.test("counts of deliveries that can't be are refused", () => {
  const impossible = [
    { ...sender, delivered: 2 }, // More of them repeated and unplaced than there are.
    { ...sender, highest: 5 }, // More different ones than numbers.
    { ...sender, skips: 7 }, // More of them skip than come for the first time.
    { ...sender, skips: 0 }, // Nothing skipped, and yet something is missing.
    { delivered: 9, highest: 7, skips: 0, repeated: 1, unplaced: 1 }, // Nor is anything unplaced.
  ];
  for (const counts of impossible) {
    assert.throws(
      () => decodeControlReply({ ...end, digest: { ...digest, senders: [counts] } }),
      /Field digest\.senders\[0\] must hold counts that fit each other/,
    );
  }
});

Deno.test("a reply with a wrong field is refused, and the field is named", () => {
  const cases: [object, string][] = [
    [{ type: "accepted", machine: "" }, "machine must be"],
    [
      { ...progress, state: "asleep" },
      "state must be one of handshake, running, waiting, finished",
    ],
    [{ ...progress, delivered: -1 }, "delivered must be"],
    [{ ...progress, waitingFor: [200] }, "waitingFor[0] must be"],
    [{ ...progress, waitingFor: Array(201).fill(0) }, "waitingFor must be an array of at most 200"],
    [{ ...log, kind: [0] }, "kind must be a binary"],
    [{ ...log, kind: new Uint8Array(MAX_LOG_EVENTS + 1) }, "kind must be a binary"],
    [{ ...end, complete: 1 }, "complete must be true or false"],
    [{ ...end, bytes: 2 ** 53 }, "bytes must be"],
    [{ type: "error", reason: "\x1b[31m" }, "reason must be free of control characters"],
  ];
  for (const [reply, message] of cases) {
    assert.throws(
      () => decodeControlReply(reply),
      (error) => error instanceof TypeError && error.message.includes(`Field ${message}`),
      message,
    );
  }
});

Deno.test("the largest group's start fits into a frame", () => {
  const member = {
    name: "東".repeat(64),
    udp: { host: "h".repeat(253), port: 65535 },
    region: "東".repeat(64),
  };
  const largest = {
    ...start,
    process: MAX_GROUP_SIZE - 1,
    members: Array(MAX_GROUP_SIZE).fill(member),
  };
  assert.ok(encodeFrame(largest).length <= MAX_FRAME_BYTES);
  assert.deepEqual(decodeControlRequest(travel(largest)), largest);
  const wide = {
    ...end,
    waitingFor: [...Array(MAX_GROUP_SIZE).keys()],
    digest: { ...digest, senders: Array(MAX_GROUP_SIZE).fill(sender) },
  };
  assert.ok(encodeFrame(wide).length <= MAX_FRAME_BYTES);
  assert.deepEqual(decodeControlReply(travel(wide)), wide);
  const everybody = { ...progress, waitingFor: [...Array(MAX_GROUP_SIZE).keys()] };
  assert.deepEqual(decodeControlReply(travel(everybody)), everybody);
});
