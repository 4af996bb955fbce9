import assert from "node:assert/strict";
import fc from "fast-check";
import type { ProcessId } from "../../../src/protocols/process.ts";
import { HOP_MS, VirtualRing } from "./virtual_ring.ts";

const LEASE_MS = 1500;
const REPAIR_MS = 2 * LEASE_MS;

function startedRing(size: number, paceMs = 100, seed = 1): VirtualRing {
  const ring = new VirtualRing({ size, paceMs, seed, leaseMs: LEASE_MS });
  ring.run(5);
  ring.start(0);
  ring.runUntil(() => ring.running.every((node) => ring.members(node).length === size));
  return ring;
}

/** Lets nothing pass from one part to the others, either way. */
function split(ring: VirtualRing, ...parts: readonly (readonly ProcessId[])[]): void {
  const partOf = (node: ProcessId) => parts.findIndex((part) => part.includes(node));
  ring.fate = (from, to) => partOf(from) === partOf(to) ? [HOP_MS] : [];
}

/** Lets nothing pass on single ways. */
function cut(ring: VirtualRing, isCut: (from: ProcessId, to: ProcessId) => boolean): void {
  ring.fate = (from, to) => isCut(from, to) ? [] : [HOP_MS];
}

function heal(ring: VirtualRing): void {
  ring.fate = () => [HOP_MS];
}

function epochs(ring: VirtualRing): number {
  return new Set(ring.of("arrived").map(({ token }) => token.epoch)).size;
}

/** Asserts that each of some nodes is served within a time. */
function assertServed(ring: VirtualRing, nodes: readonly ProcessId[], boundMs: number): void {
  const requests = nodes.map((node) => [node, ring.lock(node, 1)] as const);
  ring.runUntil(
    () => requests.every(([node, request]) => ring.isGranted(node, request)),
    boundMs,
  );
}

Deno.test("of two parts, the larger one serves, and the smaller says that it can't", () => {
  for (const small of [[0, 1], [1, 3], [2, 4], [4]]) {
    const ring = startedRing(5);
    const large = [0, 1, 2, 3, 4].filter((node) => !small.includes(node));
    split(ring, small, large);
    const waiting = small.map((node) => [node, ring.lock(node, 1)] as const);
    assertServed(ring, large, 2 * REPAIR_MS);
    ring.run(5000);
    for (const [node, request] of waiting) {
      assert.equal(ring.isGranted(node, request), false);
      assert.equal(ring.ring(node).status.hasQuorum, false, `${node} of ${small}`);
    }
    for (const node of large) assert.equal(ring.ring(node).status.hasQuorum, true, `${node}`);
    heal(ring);
    ring.runUntil(
      () => waiting.every(([node, request]) => ring.isGranted(node, request)),
      REPAIR_MS,
    );
    ring.runUntil(() => ring.running.every((node) => ring.members(node).length === 5), REPAIR_MS);
    ring.run(2000);
    assert.equal(ring.owners.length, 1);
    for (const node of ring.running) assert.equal(ring.ring(node).status.hasQuorum, true);
  }
});

Deno.test("candidates without a majority use up hardly any epochs, however long that lasts", () => {
  const ring = startedRing(5);
  for (const node of [2, 3, 4]) ring.kill(node);
  ring.run(5000);
  const latestVote = () => Math.max(0, ...ring.of("stored").map(({ vote }) => vote.epoch));
  const before = latestVote();
  ring.run(600_000);
  assert.ok(latestVote() <= before + 1, `${latestVote()} after ${before}`);
  ring.boot(2);
  ring.runUntil(() => ring.owners.length === 1, REPAIR_MS);
});

Deno.test("where no part is a majority, nobody is served; afterwards all are", () => {
  const ring = startedRing(5);
  split(ring, [0, 1], [2, 3], [4]);
  ring.run(LEASE_MS);
  const requests = ring.running.map((node) => [node, ring.lock(node, 1)] as const);
  ring.run(10_000);
  assert.deepEqual(ring.grants, []);
  for (const node of ring.running) assert.equal(ring.ring(node).status.hasQuorum, false, `${node}`);
  heal(ring);
  ring.runUntil(
    () => requests.every(([node, request]) => ring.isGranted(node, request)),
    2 * REPAIR_MS,
  );
  ring.run(5000);
  assert.equal(ring.owners.length, 1);
});

Deno.test("a node that can send and hears nothing doesn't disturb the others", () => {
  for (const deaf of [0, 2, 4]) {
    const ring = startedRing(5);
    cut(ring, (_from, to) => to === deaf);
    const others = ring.running.filter((node) => node !== deaf);
    ring.run(REPAIR_MS); // The token is made again without it.
    const before = epochs(ring);
    ring.run(20_000);
    assertServed(ring, others, 200);
    assert.equal(epochs(ring), before, "and then goes round without it");
    heal(ring);
    assertServed(ring, ring.running, REPAIR_MS);
    assert.ok(epochs(ring) <= before + 1);
  }
});

Deno.test("a newcomer that can send and hears nothing isn't taken into the view", () => {
  const ring = new VirtualRing({ size: 5, paceMs: 100, absent: [3] });
  ring.start(0);
  ring.runUntil(() => ring.members(4).length === 4);
  cut(ring, (_from, to) => to === 3);
  ring.boot(3);
  ring.lock(3);
  ring.run(20_000);
  assertServed(ring, [0, 1, 2, 4], 200);
  assert.equal(epochs(ring), 1, "the token is never lost to it");
});

Deno.test("a node that hears everything and can't send is bridged, and comes back", () => {
  const ring = startedRing(5);
  cut(ring, (from) => from === 2);
  assertServed(ring, [0, 1, 3, 4], 2 * REPAIR_MS);
  ring.run(5000);
  const before = epochs(ring);
  ring.run(20_000);
  assert.ok(epochs(ring) <= before + 1, `${epochs(ring)} epochs, ${before} before`);
  heal(ring);
  assertServed(ring, ring.running, REPAIR_MS);
});

Deno.test("while one way alone is cut, everybody is served again and again", () => {
  for (const [sender, receiver] of [[1, 2], [2, 1], [4, 0], [0, 3]] as const) {
    const ring = startedRing(5);
    cut(ring, (from, to) => from === sender && to === receiver);
    for (let round = 0; round < 3; round++) assertServed(ring, ring.running, 3 * REPAIR_MS);
  }
});

Deno.test("while two nodes don't hear each other, everybody is served again and again", () => {
  const ring = startedRing(5);
  cut(ring, (from, to) => from + to === 3 && from * to === 2);
  for (let round = 0; round < 3; round++) assertServed(ring, ring.running, 3 * REPAIR_MS);
});

Deno.test("a holder that a majority hears, and that hears nobody, loses the lock in time", () => {
  const ring = startedRing(5);
  const held = ring.lock(0);
  ring.runUntil(() => ring.isGranted(0, held));
  ring.run(1000);
  cut(ring, (_from, to) => to === 0);
  const since = ring.now;
  ring.lock(2, 1);
  ring.runUntil(() => ring.of("lost", 0).length === 1, LEASE_MS);
  // Until then it said that it has the lock, and they promised not to vote.
  ring.runUntil(() => ring.of("granted", 2).length === 1, 2 * REPAIR_MS);
  assert.ok(ring.now - since <= 2 * REPAIR_MS);
});

Deno.test("candidates that campaign at the same moment soon agree, at any distance", () => {
  for (const size of [2, 3, 5, 20]) {
    for (const hopMs of [0.1, 5, 60]) {
      for (let seed = 1; seed <= 5; seed++) {
        const ring = new VirtualRing({ size, seed, leaseMs: LEASE_MS });
        ring.fate = () => [hopMs];
        for (let node = 0; node < size; node++) ring.start(node);
        ring.runUntil(() => ring.of("arrived").length > 0, 2 * LEASE_MS);
      }
    }
  }
});

Deno.test("all nodes are killed and started again at once: there is one token soon", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const ring = startedRing(5, 100, seed);
    for (const node of ring.running) ring.restart(node);
    const before = epochs(ring);
    assertServed(ring, ring.running, 2 * REPAIR_MS);
    assert.equal(epochs(ring), before + 1);
  }
});

Deno.test("a node that is paused for long, and goes on, spoils nothing and is served", () => {
  for (const pauseMs of [300, 1000, 2000, 10_000]) {
    const ring = startedRing(5);
    ring.runUntil(() => ring.owners[0] === 2);
    ring.pause(2);
    ring.run(pauseMs);
    ring.resume(2);
    assertServed(ring, ring.running, REPAIR_MS);
    ring.run(5000);
    assert.equal(ring.owners.length, 1);
  }
});

Deno.test("all nodes stand still for longer than the lease, and go on", () => {
  const ring = startedRing(5);
  ring.lock(1, 10);
  ring.lock(3, 10);
  for (const node of ring.running) ring.pause(node);
  ring.run(10_000);
  for (const node of ring.running) ring.resume(node);
  assertServed(ring, ring.running, 2 * REPAIR_MS);
});

Deno.test("clocks that differ by a hundredth, and are set differently, change nothing", () => {
  const ring = new VirtualRing({
    size: 5,
    clock: (node, trueMs) => trueMs * (node % 2 === 0 ? 0.995 : 1.005) + 1e5 * (5 - node),
  });
  ring.start(0);
  ring.lock(1);
  ring.runUntil(() => ring.of("granted", 1).length === 1);
  ring.run(10_000);
  assert.deepEqual(ring.of("lost"), []);
  ring.kill(1);
  assertServed(ring, ring.running, REPAIR_MS); // The world looks at the holder's clock.
});

/** A fault, and how long it lasts. */
const faults = fc.array(
  fc.record({
    what: fc.constantFrom("split", "deaf", "mute", "kill", "pause", "loss", "late", "leave"),
    node: fc.nat(4),
    other: fc.nat(4),
    ms: fc.integer({ min: 1, max: 2500 }),
  }),
  { minLength: 1, maxLength: 12 },
);

Deno.test("whatever happens, nobody has the lock beside another, and in the end all are served", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), faults, (seed, all) => {
      const ring = startedRing(5, 50, seed);
      const absent = new Set<ProcessId>();
      let sent = seed;
      for (const { what, node, other, ms } of all) {
        const isThere = ring.running.includes(node);
        heal(ring);
        if (what === "split") split(ring, [node, other], [0, 1, 2, 3, 4]);
        else if (what === "deaf") cut(ring, (_from, to) => to === node);
        else if (what === "mute") cut(ring, (from) => from === node);
        else if (what === "loss") ring.fate = () => sent++ % 3 === 0 ? [] : [HOP_MS];
        else if (what === "late") ring.fate = () => [HOP_MS + sent++ * 7919 % 400, 800];
        else if (isThere && what === "kill") {
          ring.restart(node);
          absent.delete(node); // If it was about to leave, it isn't any more.
        } else if (isThere && what === "pause") ring.pause(node);
        else if (isThere && what === "leave") {
          ring.leave(node);
          absent.add(node);
        }
        for (const each of [node, other]) if (ring.running.includes(each)) ring.lock(each, ms / 2);
        ring.run(ms);
        if (isThere && what === "pause") ring.resume(node);
        for (const each of absent) {
          if (ring.running.includes(each)) continue;
          ring.boot(each);
          absent.delete(each);
        }
      }
      heal(ring);
      ring.run(1000); // Who is leaving has left.
      for (const each of absent) if (!ring.running.includes(each)) ring.boot(each);
      assertServed(ring, ring.running, 12 * 2500 + 3 * REPAIR_MS);
      ring.run(3000);
      assert.equal(ring.owners.length, 1);
    }),
    { numRuns: 150 },
  );
});
