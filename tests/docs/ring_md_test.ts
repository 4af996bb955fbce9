import assert from "node:assert/strict";
import { identifyRing } from "../../src/hosts/ring_identity.ts";
import { GRANTS_PER_EPOCH, MAX_EPOCH, MAX_NODES } from "../../src/protocols/token_ring/messages.ts";
import { encodeFrame } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { MAX_WAIT_MS, RingDatagramKind, RingDatagrams } from "../../src/wire/ring_datagrams.ts";
import { exampleBytes, limit } from "./protocol_md.ts";
import {
  RING_CONTROL,
  RING_DATAGRAMS,
  RING_GROUP,
  RING_LEASE_MS,
  RING_MACHINES,
} from "./ring_examples.ts";

const page = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));

for (const [name, { from, message }] of Object.entries(RING_DATAGRAMS)) {
  Deno.test(`docs/PROTOCOL.md: the datagram "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    const [sender, receiver] = [from, (from + 1) % 3].map((self) =>
      new RingDatagrams({ group: RING_GROUP, self, size: RING_MACHINES.length })
    );
    assert.equal(sender!.encode(message).toHex(), bytes.toHex());
    assert.deepEqual(receiver!.decode(bytes), { from, message });
  });
}

for (const [name, message] of Object.entries(RING_CONTROL)) {
  Deno.test(`docs/PROTOCOL.md: the frame "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(encodeFrame(message).toHex(), bytes.toHex());
    assert.deepEqual(decodeValue(bytes.subarray(4)), message);
  });
}

Deno.test("docs/PROTOCOL.md: the group of the examples is that of their machines", async () => {
  const { group } = await identifyRing(RING_MACHINES, RING_LEASE_MS);
  assert.equal(group, RING_GROUP);
  assert.ok(page.includes(`\`group\` is ${RING_GROUP.toLocaleString("en-US")}.`));
});

Deno.test("docs/PROTOCOL.md: the kinds of a ring's datagrams are those of the program", () => {
  for (const [name, kind] of Object.entries(RingDatagramKind)) {
    assert.match(page, new RegExp(`^\\| ${kind} +\\| \`${name}\` +\\|`, "m"));
  }
});

Deno.test("docs/PROTOCOL.md: the limits of a ring are those of the program", () => {
  assert.equal(limit("machines of a token ring"), MAX_NODES);
  assert.equal(limit("epochs of a token ring"), MAX_EPOCH);
  assert.equal(limit("grants in an epoch"), GRANTS_PER_EPOCH);
  assert.equal(limit("wait in a `refuse`"), MAX_WAIT_MS);
});
