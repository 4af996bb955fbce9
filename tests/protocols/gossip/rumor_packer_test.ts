import assert from "node:assert/strict";
import type { Rumor } from "../../../src/protocols/gossip/messages.ts";
import { RumorPacker } from "../../../src/protocols/gossip/rumor_packer.ts";

function rumor(seq: number, length: number): Rumor {
  const text = "x".repeat(length);
  return { origin: "ada", run: 1, seq, text, wantsReceipt: true, hops: 1 };
}

/** What is in each message: its type, and the numbers of its rumors. */
function packed(lengths: readonly number[]): string[] {
  const rumors = lengths.map((length, i) => rumor(i + 1, length));
  return new RumorPacker().pack(rumors).map(({ type, rumors }) =>
    `${type} ${rumors.map(({ seq }) => seq).join(" ")}`
  );
}

Deno.test("nothing makes no message", () => {
  assert.deepEqual(packed([]), []);
});

Deno.test("small rumors go together as long as a datagram has room for them", () => {
  assert.deepEqual(packed([10, 10, 10]), ["push 1 2 3"]);
  assert.deepEqual(packed([590, 10, 10]), ["push 1 2 3"]);
  assert.deepEqual(packed([600, 300, 300, 100]), ["push 1", "push 2 3", "push 4"]);
});

Deno.test("what doesn't fit into a datagram goes alone", () => {
  assert.deepEqual(packed([10, 3000, 10]), ["push 1", "push 2", "push 3"]);
});

Deno.test("what is large is offered, without its text, and many together", () => {
  assert.deepEqual(packed([10, 5000, 10, 1_000_000]), ["offer 2 4", "push 1 3"]);
  const [offer] = new RumorPacker().pack([rumor(1, 5000)]);
  assert.deepEqual(offer, { type: "offer", rumors: [{ origin: "ada", run: 1, seq: 1 }] });
});

Deno.test("a hundred offers need several messages", () => {
  const messages = new RumorPacker().pack(Array.from({ length: 100 }, (_, i) => rumor(i, 5000)));
  assert.ok(messages.length > 1 && messages.length < 10);
  assert.equal(messages.flatMap(({ rumors }) => rumors).length, 100);
});
