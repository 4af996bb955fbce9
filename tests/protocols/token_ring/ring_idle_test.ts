import assert from "node:assert/strict";
import { VirtualRing } from "./virtual_ring.ts";

for (const size of [1, 2, 5, 20, 64]) {
  Deno.test(`an idle ring of ${size} says little`, () => {
    const ring = new VirtualRing({ size });
    ring.run(5);
    ring.start(0);
    ring.run(3000);
    const before = ring.datagrams;
    ring.run(20_000);
    const perSecond = (ring.datagrams - before) / 20;
    // A hop and its acknowledgement, and two or three times a sign that all the others answer.
    const bound = 2 + 3 * 2 * (size - 1);
    assert.ok(perSecond <= bound, `${perSecond} datagrams a second`);
    assert.equal(new Set(ring.of("arrived").map(({ token }) => token.epoch)).size, 1);
  });
}

Deno.test("before a start, nodes that wait for one another only say hello", () => {
  const ring = new VirtualRing({ size: 5 });
  ring.run(60_000);
  assert.deepEqual([...ring.sent.keys()], ["hello"]);
  assert.ok(ring.datagrams <= 60 * 2 * 5 * 4 + 20, `${ring.datagrams}`);
});

Deno.test("nodes that wait for a majority don't flood the network", () => {
  const ring = new VirtualRing({ size: 5, absent: [0, 1, 2] });
  ring.start(3);
  ring.start(4);
  ring.lock(3);
  ring.run(5000);
  const before = ring.datagrams;
  ring.run(60_000);
  const perSecond = (ring.datagrams - before) / 60;
  assert.ok(perSecond < 100, `${perSecond} datagrams a second`);
});

Deno.test("a token that is at its node for a long time is known to be there", () => {
  const ring = new VirtualRing({ size: 3, paceMs: 3_600_000 });
  ring.run(5);
  ring.start(1);
  ring.run(600_000);
  assert.deepEqual(ring.owners, [1]);
  assert.deepEqual([0, 2].map((node) => ring.ring(node).status.owner), [1, 1]);
});

Deno.test("at full speed the token goes on with each arrival, and nothing is called in vain", () => {
  const ring = new VirtualRing({ size: 5, paceMs: 0 });
  ring.run(5);
  ring.start(0);
  ring.run(100);
  const before = ring.of("arrived").length;
  ring.run(1000);
  const hops = ring.of("arrived").length - before;
  assert.ok(hops >= 990, `${hops} hops in 1000 times the time of one`);
});

Deno.test("at full speed, with signs of life now and then, the epoch stays", () => {
  for (const size of [2, 5, 20]) {
    const ring = new VirtualRing({ size, paceMs: 0 });
    ring.run(5);
    ring.start(0);
    ring.run(10_000);
    assert.equal(new Set(ring.of("arrived").map(({ token }) => token.epoch)).size, 1);
  }
});

Deno.test("at any pace, in a ring of any length, a token that isn't lost isn't made again", () => {
  for (const paceMs of [1, 20, 100, 240, 260, 500, 2000]) {
    for (const size of [3, 30]) {
      const ring = new VirtualRing({ size, paceMs });
      ring.run(5);
      ring.start(0);
      ring.run(6000);
      const epochs = new Set(ring.of("arrived").map(({ token }) => token.epoch)).size;
      assert.equal(epochs, 1, `${size} nodes, ${paceMs} ms`);
    }
  }
});
