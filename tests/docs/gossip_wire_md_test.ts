import assert from "node:assert/strict";
import { MAX_UDP_BYTES } from "../../src/hosts/gossip_transport.ts";
import { MAX_MEMBERS, MAX_RUMOR_BYTES } from "../../src/protocols/gossip/messages.ts";
import {
  decodeGossip,
  encodeGossip,
  GossipKind,
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_ENTRIES,
  MAX_NODE_NAME,
} from "../../src/wire/gossip_messages.ts";
import { GOSSIP_MESSAGES } from "./gossip_examples.ts";
import { exampleBytes, limit } from "./protocol_md.ts";

const page = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));

for (const [name, message] of Object.entries(GOSSIP_MESSAGES)) {
  Deno.test(`docs/PROTOCOL.md: the message "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(encodeGossip(message).toHex(), bytes.toHex());
    assert.deepEqual(decodeGossip(bytes), message);
  });
}

Deno.test("docs/PROTOCOL.md: the kinds of a gossip network's messages are those of the program", () => {
  for (const [name, kind] of Object.entries(GossipKind)) {
    assert.match(page, new RegExp(`^\\| ${kind} +\\| \`${name}\` +\\|`, "m"));
  }
});

Deno.test("docs/PROTOCOL.md: the limits of a gossip network are those of the program", () => {
  assert.equal(limit("nodes of a gossip network"), MAX_MEMBERS);
  assert.equal(limit("name of a node, in characters"), MAX_NODE_NAME);
  assert.equal(limit("rumor"), MAX_RUMOR_BYTES);
  assert.equal(limit("rumors or entries in a message"), MAX_GOSSIP_ENTRIES);
  assert.equal(limit("message of a gossip network"), MAX_GOSSIP_BYTES);
  assert.ok(page.includes(`up to ${MAX_UDP_BYTES.toLocaleString("en-US")} bytes goes by UDP`));
});
