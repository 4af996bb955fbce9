import assert from "node:assert/strict";
import { encodeFrame, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import {
  decodeManagerReply,
  decodeManagerRequest,
  type ManagerReply,
  type ManagerRequest,
  MAX_MEMBERS,
  type Member,
} from "../../src/wire/manager_messages.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { hex, unhex } from "./hex.ts";

const registrant = {
  name: "ada",
  udp: { host: "127.0.0.1", port: 40001 },
  control: { host: "::1", port: 40002 },
  region: null,
};

const requests: ManagerRequest[] = [
  { type: "register", ...registrant },
  { type: "register", ...registrant, region: "eu-west-1" },
  { type: "renew", name: "ada", lease: "l1" },
  { type: "deregister", name: "ada", lease: "l1" },
  { type: "list" },
];

const replies: ManagerReply[] = [
  { type: "registered", lease: "l1", leaseMs: 10_000 },
  { type: "renewed", leaseMs: 10_000 },
  { type: "deregistered" },
  { type: "unknown" },
  { type: "replaced", by: "bob" },
  { type: "members", members: [] },
  { type: "members", members: [{ ...registrant, ageMs: 1234 }] },
  { type: "error", reason: "The group is full" },
];

function travel(message: unknown): unknown {
  return decodeValue(encodeFrame(message).subarray(4));
}

Deno.test("every request and every reply survives the journey", () => {
  for (const request of requests) assert.deepEqual(decodeManagerRequest(travel(request)), request);
  for (const reply of replies) assert.deepEqual(decodeManagerReply(travel(reply)), reply);
});

Deno.test("a region may be left out", () => {
  const { region: _, ...rest } = registrant;
  assert.deepEqual(decodeManagerRequest({ type: "register", ...rest }), requests[0]);
});

Deno.test("fields of a later version are ignored", () => {
  assert.deepEqual(decodeManagerRequest({ type: "list", filter: "all" }), { type: "list" });
});

Deno.test("each wrong field is named", () => {
  const register = { type: "register", ...registrant };
  const cases: [object, string][] = [
    [{ ...register, name: "" }, "name must be a string of 1 to 64"],
    [{ ...register, name: "x".repeat(65) }, "name must be a string of 1 to 64"],
    [{ ...register, name: "a\nb" }, "name must be free of control"],
    [{ ...register, udp: "127.0.0.1:1" }, "udp must be a map"],
    [{ ...register, udp: { host: "h", port: 0 } }, "udp.port must be"],
    [{ ...register, control: { port: 1 } }, "control.host must be"],
    [{ ...register, region: 7 }, "region must be"],
    [{ type: "renew", name: "ada" }, "lease must be"],
    [{ type: "deregister", lease: "l1" }, "name must be"],
  ];
  for (const [request, message] of cases) {
    assert.throws(() => decodeManagerRequest(request), (error) => {
      return error instanceof TypeError && error.message.includes(`Field ${message}`);
    }, message);
  }
  assert.throws(
    () => decodeManagerReply({ type: "members", members: [{ ...registrant, ageMs: -1 }] }),
    /In message members: Field members\[0\].ageMs must be an integer/,
  );
});

Deno.test("the longest possible list fits into a frame", () => {
  const longest: Member = {
    name: "東".repeat(64),
    udp: { host: "h".repeat(253), port: 65535 },
    control: { host: "h".repeat(253), port: 65535 },
    region: "東".repeat(64),
    ageMs: Number.MAX_SAFE_INTEGER,
  };
  const reply = { type: "members", members: Array.from({ length: MAX_MEMBERS }, () => longest) };
  assert.ok(encodeFrame(reply).length <= MAX_FRAME_BYTES);
  assert.deepEqual(decodeManagerReply(travel(reply)), reply);
});

// The examples of docs/PROTOCOL.md; change them there too.
Deno.test("the worked examples of the documentation are true", () => {
  const request: ManagerRequest = {
    type: "register",
    name: "ada",
    udp: { host: "10.0.0.7", port: 40001 },
    control: { host: "10.0.0.7", port: 40002 },
    region: null,
  };
  const digits = `0000005a
    85 a474797065 a87265676973746572 a46e616d65 a3616461
    a3756470 82 a4686f7374 a831302e302e302e37 a4706f7274 cd9c41
    a7636f6e74726f6c 82 a4686f7374 a831302e302e302e37 a4706f7274 cd9c42
    a6726567696f6e c0`;
  assert.equal(encodeFrame(request).toHex(), unhex(digits).toHex());
  assert.deepEqual(decodeManagerRequest(decodeValue(unhex(digits).subarray(4))), request);
  assert.equal(
    hex(encodeFrame({ type: "registered", lease: "L1", leaseMs: 10_000 })),
    "00000025 83a474797065aa72656769737465726564a56c65617365a24c31a76c656173654d73cd2710",
  );
  assert.equal(hex(encodeFrame({ type: "list" })), "0000000b 81a474797065a46c697374");
});
