import assert from "node:assert/strict";
import { VirtualRing } from "./virtual_ring.ts";

/** The epochs of all tokens that there were. */
function epochsOf(ring: VirtualRing): number[] {
  return [...new Set(ring.of("arrived").map(({ token }) => token.epoch))];
}

/** Asserts that the token's value grew by one with each hop, and that there was one token alone. */
function assertOneToken(ring: VirtualRing): void {
  assert.equal(epochsOf(ring).length, 1);
  const values = ring.of("arrived").map(({ token }) => token.sequence);
  assert.deepEqual(values, values.map((_, i) => i + 1));
}

for (const size of [1, 2, 3, 5, 20, 64]) {
  Deno.test(`of ${size}, one starts: one token goes round, with a value that grows by one`, () => {
    const ring = new VirtualRing({ size, paceMs: 100 });
    ring.run(5);
    ring.start(0);
    ring.runUntil(() => ring.of("arrived").length >= size + 3, 60_000);
    assertOneToken(ring);
    const round = ring.of("arrived").slice(-size).map(({ node }) => node);
    assert.deepEqual(round.toSorted((a, b) => a - b), [...Array(size).keys()], "everybody has it");
    assert.equal(ring.owners.length, 1);
  });

  Deno.test(`of ${size}, all start at once: there is one token`, () => {
    for (let seed = 1; seed <= (size > 5 ? 2 : 10); seed++) {
      const ring = new VirtualRing({ size, paceMs: 50, seed });
      for (let node = 0; node < size; node++) ring.start(node);
      ring.runUntil(() => ring.of("arrived").length >= 10);
      assertOneToken(ring);
    }
  });
}

Deno.test("two that start at the same time make one token, however long a datagram takes", () => {
  for (const hopMs of [0.05, 1, 20, 90]) {
    for (let seed = 1; seed <= 20; seed++) {
      const ring = new VirtualRing({ size: 5, paceMs: 100, seed });
      ring.fate = () => [hopMs];
      ring.run(5);
      ring.start(1);
      ring.start(3);
      ring.runUntil(() => ring.of("arrived").length >= 6, 20_000);
      assertOneToken(ring);
    }
  }
});

Deno.test("to start where there is a token makes no other one", () => {
  const ring = new VirtualRing({ size: 3, paceMs: 100 });
  ring.start(0);
  ring.runUntil(() => ring.of("arrived").length >= 5);
  for (const node of [0, 1, 2]) ring.start(node);
  ring.run(3000);
  assertOneToken(ring);
});

Deno.test("nobody starts: there is no token, and who asks for the lock waits", () => {
  const ring = new VirtualRing({ size: 3 });
  const request = ring.lock(1);
  ring.run(10_000);
  assert.deepEqual(ring.of("arrived"), []);
  assert.equal(ring.ring(1).status.isStarted, false);
  ring.start(2);
  ring.runUntil(() => ring.isGranted(1, request), 1000);
});

Deno.test("a node that was started before its time has to wait for a majority, and says so", () => {
  const ring = new VirtualRing({ size: 5, absent: [2, 3, 4] });
  ring.start(0);
  ring.lock(1);
  ring.run(10_000);
  assert.deepEqual(ring.of("granted"), []);
  assert.deepEqual(ring.of("arrived"), []);
  const reports = ring.of("quorum", 0);
  assert.deepEqual(reports.map(({ hasQuorum, reached }) => [hasQuorum, reached]), [[false, 2]]);
  assert.equal(ring.ring(0).status.hasQuorum, false);
  ring.boot(4);
  ring.runUntil(() => ring.of("granted", 1).length === 1, 2000);
  assert.equal(ring.ring(0).status.hasQuorum, true);
});

Deno.test("two nodes need both", () => {
  const ring = new VirtualRing({ size: 2, absent: [1] });
  ring.start(0);
  ring.lock(0);
  ring.run(5000);
  assert.deepEqual(ring.of("granted"), []);
  ring.boot(1);
  ring.runUntil(() => ring.of("granted", 0).length === 1, 2000);
});

Deno.test("a ring whose nodes all ended goes on in a higher epoch, and with higher fences", () => {
  const ring = new VirtualRing({ size: 3, paceMs: 100 });
  ring.start(0);
  ring.lock(1, 5);
  ring.runUntil(() => ring.of("unlocked").length === 1);
  for (const node of [0, 1, 2]) ring.restart(node);
  ring.start(2);
  ring.lock(0, 5);
  ring.runUntil(() => ring.of("granted", 0).length === 1, 5000); // The world checks the fence.
  const [first, second, ...others] = epochsOf(ring);
  assert.ok(first! < second! && others.length === 0, `${epochsOf(ring)}`);
});
