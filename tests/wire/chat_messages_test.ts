import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChatPayload, Greeting, ViewPlan } from "../../src/protocols/chat/chat_messages.ts";
import { Frame, MAX_GROUP_SIZE } from "../../src/protocols/frame.ts";
import {
  chatCodec,
  type ChatDatagram,
  decodeChatDatagram,
  encodeGreeting,
  encodeInvitation,
  isChatDatagram,
  MAX_CHAT_HOST,
  MAX_CHAT_NAME,
  MAX_LINE_BYTES,
} from "../../src/wire/chat_messages.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { MAX_DATAGRAM_BYTES } from "../../src/wire/datagram_writer.ts";
import { decodeValue, encodeValue } from "../../src/wire/msgpack.ts";

const ADA = { name: "ada", nonce: 17, host: "10.0.0.7", port: 40001 };
const BEN = { name: "Bén", nonce: 2 ** 32 - 1, host: "fe80::1%eth0", port: 65_535 };
const GREETING: Greeting = { group: 9, from: ADA, state: "barred", chat: 4, size: 2 };
const PLAN: ViewPlan = {
  chat: 4,
  number: 3,
  attempt: 1,
  run: 2 ** 32 - 1,
  coordinator: 1,
  members: [ADA, BEN],
};
const CHANGE: ChatPayload = { type: "change", run: 5, members: [BEN, ADA] };
const MAX = 2 ** 32 - 1;

Deno.test("a greeting is read as it was written, in each state", () => {
  const states = ["outside", "inside", "gone", "barred", "released", "taken", "stuck"] as const;
  for (const state of states) {
    const greeting = { ...GREETING, state };
    const bytes = encodeGreeting(greeting);
    assert.ok(isChatDatagram(bytes));
    assert.deepEqual(decodeChatDatagram(bytes), { type: "greeting", greeting });
  }
});

Deno.test("an invitation is read as it was written", () => {
  const bytes = encodeInvitation(9, PLAN);
  assert.ok(isChatDatagram(bytes));
  assert.deepEqual(decodeChatDatagram(bytes), { type: "invitation", group: 9, plan: PLAN });
});

Deno.test("an invitation of the largest chat fits a datagram", () => {
  const members = Array.from({ length: MAX_GROUP_SIZE }, (_, i) => ({
    name: String(i).padStart(MAX_CHAT_NAME, "あ"),
    nonce: MAX,
    host: "1".repeat(MAX_CHAT_HOST),
    port: 65_535,
  }));
  const bytes = encodeInvitation(MAX, { ...PLAN, members });
  assert.ok(bytes.length <= MAX_DATAGRAM_BYTES, `${bytes.length} bytes`);
  assert.equal(decodeChatDatagram(bytes).type, "invitation");
});

Deno.test("a reader of frames takes a chat's datagrams for those of another run", () => {
  const reader = new DatagramReader(77, 0, 3);
  for (const bytes of [encodeGreeting(GREETING), encodeInvitation(9, PLAN)]) {
    assert.equal(reader.read(bytes, new Frame(3)), "other run");
  }
  assert.ok(!isChatDatagram(Uint8Array.of(0x97, 1, 0, 8)));
  assert.ok(!isChatDatagram(Uint8Array.of()));
});

Deno.test("payloads are read as they were written", () => {
  for (const text of ["", "hello", "äöü 🎉\n\u0000\u001b[2J", "x".repeat(MAX_LINE_BYTES)]) {
    const line: ChatPayload = { type: "line", seq: MAX, text };
    assert.deepEqual(chatCodec.decode(chatCodec.encode(line)), line);
  }
  assert.deepEqual(chatCodec.decode(chatCodec.encode(CHANGE)), CHANGE);
});

Deno.test("half a character is replaced, so that all read the same", () => {
  const bytes = chatCodec.encode({ type: "line", seq: 1, text: "a\ud83cb" });
  assert.deepEqual(chatCodec.decode(bytes), { type: "line", seq: 1, text: "a\ufffdb" });
});

Deno.test("a line has 65,536 bytes at most, whatever its characters", () => {
  const line = (text: string): ChatPayload => ({ type: "line", seq: 1, text });
  assert.throws(() => chatCodec.encode(line("x".repeat(MAX_LINE_BYTES + 1))), RangeError);
  assert.throws(() => chatCodec.encode(line("é".repeat(MAX_LINE_BYTES / 2 + 1))), RangeError);
  const forged = encodeValue([0, 1, "x".repeat(MAX_LINE_BYTES + 1)]).slice();
  assert.equal(chatCodec.decode(forged), null);
});

/** The datagram with some elements replaced. */
function forged(bytes: Uint8Array, changes: Record<number, unknown>): Uint8Array {
  const values = decodeValue(bytes) as unknown[];
  return encodeValue(values.map((value, i) => i in changes ? changes[i] : value)).slice();
}

const GREETING_BYTES = encodeGreeting(GREETING);
const INVITATION_BYTES = encodeInvitation(9, PLAN);
const member = (changes: Record<number, unknown>) => {
  const fields: unknown[] = ["ada", 17, "10.0.0.7", 40001];
  return [fields.map((value, i) => i in changes ? changes[i] : value)];
};

const FORGED: Record<string, Uint8Array> = {
  "a greeting too short": encodeValue([1, 8, 9, "ada", 17, "h", 1, 0, 0]).slice(),
  "a greeting too long": encodeValue([1, 8, 9, "ada", 17, "h", 1, 0, 0, 0, 0]).slice(),
  "group 0": forged(GREETING_BYTES, { 2: 0 }),
  "group 2^32": forged(GREETING_BYTES, { 2: 2 ** 32 }),
  "a group that is no integer": forged(GREETING_BYTES, { 2: 1.5 }),
  "no name": forged(GREETING_BYTES, { 3: "" }),
  "a name of 65 characters": forged(GREETING_BYTES, { 3: "x".repeat(65) }),
  "a name that rewrites the terminal": forged(GREETING_BYTES, { 3: "\u001b[2J" }),
  "a name of two lines": forged(GREETING_BYTES, { 3: "a\u2028b" }),
  "a name that is a number": forged(GREETING_BYTES, { 3: 7 }),
  "nonce 0": forged(GREETING_BYTES, { 4: 0 }),
  "no host": forged(GREETING_BYTES, { 5: "" }),
  "a host with a space": forged(GREETING_BYTES, { 5: "a b" }),
  "a host of 65 characters": forged(GREETING_BYTES, { 5: "h".repeat(65) }),
  "port 0": forged(GREETING_BYTES, { 6: 0 }),
  "port 65536": forged(GREETING_BYTES, { 6: 65_536 }),
  "state 7": forged(GREETING_BYTES, { 7: 7 }),
  "state -1": forged(GREETING_BYTES, { 7: -1 }),
  "chat -1": forged(GREETING_BYTES, { 8: -1 }),
  "a view of 201": forged(GREETING_BYTES, { 9: 201 }),
  "chat 0": forged(INVITATION_BYTES, { 3: 0 }),
  "view 0": forged(INVITATION_BYTES, { 4: 0 }),
  "attempt -1": forged(INVITATION_BYTES, { 5: -1 }),
  "run 0": forged(INVITATION_BYTES, { 6: 0 }),
  "run 2^32": forged(INVITATION_BYTES, { 6: 2 ** 32 }),
  "a coordinator who is no member": forged(INVITATION_BYTES, { 7: 2 }),
  "no members": forged(INVITATION_BYTES, { 7: 0, 8: [] }),
  "members that are none": forged(INVITATION_BYTES, { 7: 0, 8: "ada" }),
  "a member of three fields": forged(INVITATION_BYTES, { 7: 0, 8: [["ada", 17, "h"]] }),
  "a member without a name": forged(INVITATION_BYTES, { 7: 0, 8: member({ 0: "" }) }),
  "a member of nonce 2^32": forged(INVITATION_BYTES, { 7: 0, 8: member({ 1: 2 ** 32 }) }),
  "a member at port 0": forged(INVITATION_BYTES, { 7: 0, 8: member({ 3: 0 }) }),
  "two members of one name": forged(INVITATION_BYTES, { 8: [...member({}), ...member({ 1: 3 })] }),
  "201 members": forged(INVITATION_BYTES, {
    8: Array.from({ length: 201 }, (_, i) => [`m${i}`, 17, "10.0.0.7", 40001]),
  }),
};

Deno.test("what is forged here is valid before", () => {
  for (const bytes of [forged(GREETING_BYTES, {}), forged(INVITATION_BYTES, {})]) {
    assert.ok(decodeChatDatagram(bytes));
  }
  assert.ok(decodeChatDatagram(forged(INVITATION_BYTES, { 7: 0, 8: member({}) })));
});

for (const [name, bytes] of Object.entries(FORGED)) {
  Deno.test(`malformed in a chat's datagram: ${name}`, () => {
    assert.ok(isChatDatagram(bytes));
    assert.throws(() => decodeChatDatagram(bytes), TypeError);
  });
}

Deno.test("a chat's datagram cut off anywhere, or with anything behind it, is malformed", () => {
  for (const bytes of [GREETING_BYTES, INVITATION_BYTES]) {
    for (let length = 3; length < bytes.length; length++) {
      assert.throws(() => decodeChatDatagram(bytes.subarray(0, length)), `${length} bytes`);
    }
    for (let extra = 0; extra < 256; extra++) {
      assert.throws(() => decodeChatDatagram(Uint8Array.of(...bytes, extra)), `${extra}`);
    }
  }
});

Deno.test("payloads that are none are told apart", () => {
  const values: unknown[] = [
    ...[null, 0, "hello", [], [0, 1], [0, 0, "x"], [0, 1, 2], [0, 1, null], [0, 2 ** 32, "x"]],
    ...[[2, 1, "x"], [0, 1, "x", 1], [1, 0, member({})], [1, 1, []], [1, 1, member({ 0: "" })]],
    [1, 1, [...member({}), ...member({})]],
  ];
  for (const value of values) {
    assert.equal(chatCodec.decode(encodeValue(value).slice()), null, JSON.stringify(value));
  }
  assert.equal(chatCodec.decode(new Uint8Array(0)), null);
});

Deno.test("random changes give a valid message or an error, and nothing else", () => {
  const edit = fc.tuple(fc.nat(200), fc.nat(2), fc.uint8Array({ maxLength: 6 }));
  const payload = chatCodec.encode(CHANGE);
  let valid = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(GREETING_BYTES, INVITATION_BYTES, payload),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (original, edits) => {
        const bytes = [...original];
        for (const [at, remove, insert] of edits) {
          bytes.splice(at % bytes.length, remove, ...insert);
        }
        const changed = Uint8Array.from(bytes);
        const said = chatCodec.decode(changed);
        if (said !== null) assert.deepEqual(chatCodec.decode(chatCodec.encode(said)), said);
        if (!isChatDatagram(changed)) return;
        const read = decodedOrNull(changed);
        if (read === null) return;
        valid++;
        assert.deepEqual(decodeChatDatagram(encodeAgain(read)), read);
      },
    ),
    { numRuns: 10_000 },
  );
  assert.ok(valid > 100, `${valid} changes left a message valid`);
});

function decodedOrNull(bytes: Uint8Array): ChatDatagram | null {
  try {
    return decodeChatDatagram(bytes);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof SyntaxError);
    return null;
  }
}

function encodeAgain(message: ChatDatagram): Uint8Array {
  return message.type === "greeting"
    ? encodeGreeting(message.greeting)
    : encodeInvitation(message.group, message.plan);
}
