import assert from "node:assert/strict";
import {
  chatCodec,
  decodeChatDatagram,
  encodeGreeting,
  encodeInvitation,
  MAX_CHAT_HOST,
  MAX_CHAT_NAME,
  MAX_LINE_BYTES,
} from "../../src/wire/chat_messages.ts";
import { CHAT_GREETINGS, CHAT_GROUP, CHAT_INVITATIONS, CHAT_PAYLOADS } from "./chat_examples.ts";
import { exampleBytes, limit } from "./protocol_md.ts";

for (const [name, greeting] of Object.entries(CHAT_GREETINGS)) {
  Deno.test(`docs/PROTOCOL.md: the greeting "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(encodeGreeting(greeting).toHex(), bytes.toHex());
    assert.deepEqual(decodeChatDatagram(bytes), { type: "greeting", greeting });
  });
}

for (const [name, plan] of Object.entries(CHAT_INVITATIONS)) {
  Deno.test(`docs/PROTOCOL.md: the invitation "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(encodeInvitation(CHAT_GROUP, plan).toHex(), bytes.toHex());
    const group = CHAT_GROUP;
    assert.deepEqual(decodeChatDatagram(bytes), { type: "invitation", group, plan });
  });
}

for (const [name, payload] of Object.entries(CHAT_PAYLOADS)) {
  Deno.test(`docs/PROTOCOL.md: the payload "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(chatCodec.encode(payload).toHex(), bytes.toHex());
    assert.deepEqual(chatCodec.decode(bytes), payload);
  });
}

Deno.test("docs/PROTOCOL.md: the limits of a chat are those of the program", () => {
  assert.equal(limit("line of a chat"), MAX_LINE_BYTES);
  assert.equal(limit("name in a chat, in characters"), MAX_CHAT_NAME);
  assert.equal(limit("host in a chat, in characters"), MAX_CHAT_HOST);
});
