import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_MEMBERS, MAX_TEXT_BYTES } from "../../src/protocols/persistent/messages.ts";
import { encodeFrame } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  decodeCoordinatorReply,
  decodeCoordinatorRequest,
  decodeDeliveryMessage,
  decodeDeliveryReply,
  type DeliveryMessage,
  type DeliveryReply,
  type MemberStatus,
} from "../../src/wire/persistent_messages.ts";

const address = { host: "127.0.0.1", port: 40001 };
const payload = new TextEncoder().encode("hello");

const member: MemberStatus = {
  id: "ada",
  state: "online",
  address,
  connected: true,
  backlog: 5,
  inFlight: 3,
  lastAckAgeMs: null,
};

const status: CoordinatorReply = {
  type: "status",
  store: "s",
  tdMs: 2000,
  lastSeq: 7,
  kept: 5,
  uptimeMs: 1234,
  rates: { storedPerSecond: 1.5, deliveredPerSecond: 3 },
  members: [member, { ...member, id: "ben", state: "offline", lastAckAgeMs: 17.5 }],
};

const requests: CoordinatorRequest[] = [
  { type: "register", request: "r", id: "ada", address, takeOver: false },
  { type: "reconnect", request: "r", id: "ada", address, takeOver: true },
  { type: "disconnect", request: "r", id: "ada" },
  { type: "deregister", request: "r", id: "ada", session: "s" },
  { type: "msend", request: "r", id: "ada", payload },
  { type: "msend", request: "r", id: "ada", session: "s", payload: new Uint8Array(0) },
  { type: "status" },
];

const replies: CoordinatorReply[] = [
  { type: "ok", request: "r", seq: 0, store: "s" },
  { type: "error", request: "", reason: "no" },
  { type: "error", request: "r", reason: "no", standing: "replaced" },
  status,
];

const deliveryReplies: DeliveryReply[] = [
  { type: "opened", id: "ada", session: "s", logged: 7 },
  { type: "logged", seq: 8 },
  { type: "error", reason: "no" },
];

const deliveries: DeliveryMessage[] = [
  { type: "open", store: "s", id: "ada", session: "s", after: 7 },
  { type: "close", why: "left" },
];

function travel(message: unknown): unknown {
  return decodeValue(encodeFrame(message).subarray(4));
}

Deno.test("everything that is said in a persistent multicast survives the journey", () => {
  for (const request of requests) {
    assert.deepEqual(decodeCoordinatorRequest(travel(request)), request);
  }
  for (const reply of replies) assert.deepEqual(decodeCoordinatorReply(travel(reply)), reply);
  for (const reply of deliveryReplies) assert.deepEqual(decodeDeliveryReply(travel(reply)), reply);
  for (const message of deliveries) {
    assert.deepEqual(decodeDeliveryMessage(travel(message)), message);
  }
});

Deno.test("takeOver and session may be left out, and be nil", () => {
  const { takeOver: _, ...rest } = requests[0] as { takeOver: boolean };
  assert.deepEqual(decodeCoordinatorRequest(rest), requests[0]);
  assert.deepEqual(decodeCoordinatorRequest({ ...rest, takeOver: null }), requests[0]);
  const disconnect = decodeCoordinatorRequest({ ...requests[2], session: null });
  assert.deepEqual(disconnect, requests[2]);
  assert.ok(!("session" in disconnect));
});

Deno.test("a status of the largest group fits a frame", () => {
  const longest: MemberStatus = {
    ...member,
    id: "\u6f22".repeat(64),
    address: { host: "h".repeat(253), port: 65_535 },
    backlog: Number.MAX_SAFE_INTEGER,
    inFlight: Number.MAX_SAFE_INTEGER,
    lastAckAgeMs: 1e12 + 0.5,
  };
  const members = Array.from({ length: MAX_MEMBERS }, () => longest);
  assert.ok(encodeFrame({ ...status, members }).length > 0);
});

Deno.test("each wrong field of a persistent multicast is named", () => {
  const [register, , , , msend] = requests;
  const cases: [object, string][] = [
    [{ ...register, id: "a b" }, "Field id must be 1 to 64 characters without spaces"],
    [{ ...register, id: "" }, "Field id"],
    [{ ...register, id: "a\u0007" }, "Field id"],
    [{ ...register, id: "x".repeat(65) }, "Field id"],
    [{ ...register, request: "" }, "Field request"],
    [{ ...register, request: "x".repeat(65) }, "Field request"],
    [{ ...register, address: { host: "127.0.0.1", port: 0 } }, "Field address.port"],
    [{ ...register, takeOver: 1 }, "Field takeOver"],
    [{ ...msend, payload: "hello" }, "Field payload must be a binary"],
    [{ ...msend, payload: new Uint8Array(MAX_TEXT_BYTES + 1) }, "Field payload"],
    [{ ...msend, session: 7 }, "Field session"],
    [{ type: "shout" }, "Field type must be one of register, reconnect"],
  ];
  for (const [request, reason] of cases) {
    assert.throws(() => decodeCoordinatorRequest(request), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.ok(error.message.includes(reason), error.message);
      return true;
    });
  }
});

Deno.test("a deliver with a wrong message is refused whole", () => {
  const good = { type: "deliver", first: 1, messages: [1000, "ada", payload] };
  assert.equal(decodeDeliveryMessage(good).type, "deliver");
  const bad: [object, RegExp][] = [
    [{ ...good, messages: [] }, /messages must be an array of three/],
    [{ ...good, messages: [1000, "ada"] }, /messages must be an array of three/],
    [{ ...good, messages: [1000, "ada", "hello"] }, /messages\[2\]/],
    [{ ...good, messages: [1000, "a b", payload] }, /messages\[1\]/],
    [{ ...good, messages: [...good.messages, -1, "ada", payload] }, /messages\[3\]/],
    [{ ...good, first: 0 }, /first/],
    [{ type: "deliver", messages: good.messages }, /first/],
  ];
  for (const [message, reason] of bad) {
    assert.throws(() => decodeDeliveryMessage(message), reason);
  }
});

/** Messages of which any field is anything. */
const nearlyRight = fc.oneof(
  fc.anything(),
  fc.tuple(
    fc.constantFrom<object>(
      ...requests,
      ...replies,
      ...deliveryReplies,
      ...deliveries,
      { type: "deliver", first: 1, messages: [1000, "ada", payload] },
    ),
    fc.nat(5),
    fc.anything(),
  ).map(([message, which, value]) => {
    const key = Object.keys(message)[which];
    return key === undefined ? message : { ...message, [key]: value };
  }),
);

Deno.test("any decoded value is a message of a persistent multicast or a TypeError", () => {
  const decoders = [
    decodeCoordinatorRequest,
    decodeCoordinatorReply,
    decodeDeliveryMessage,
    decodeDeliveryReply,
  ];
  fc.assert(
    fc.property(nearlyRight, (value) => {
      for (const decode of decoders) {
        try {
          decode(value);
        } catch (error) {
          assert.ok(error instanceof TypeError, String(error));
        }
      }
    }),
  );
});
