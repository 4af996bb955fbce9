import assert from "node:assert/strict";
import { HOP_MS, VirtualRing } from "./virtual_ring.ts";

function startedRing(size: number, paceMs = 100, next = {}): VirtualRing {
  const ring = new VirtualRing({ size, paceMs, next });
  ring.run(5);
  ring.start(0);
  ring.runUntil(() => ring.running.every((node) => ring.members(node).length === size));
  return ring;
}

/** To whom the token goes next, so many times. */
function nextOwners(ring: VirtualRing, count: number): number[] {
  const at = ring.of("arrived").length;
  ring.runUntil(() => ring.of("arrived").length >= at + count);
  return ring.of("arrived").slice(at, at + count).map(({ node }) => node);
}

function epochs(ring: VirtualRing): number {
  return new Set(ring.of("arrived").map(({ token }) => token.epoch)).size;
}

/** Goes on until a node has the token, at rest. */
function untilOwns(ring: VirtualRing, node: number): void {
  ring.runUntil(() => ring.of("arrived").at(-1)?.node === node);
}

Deno.test("who comes late is in the next view, and the epoch stays", () => {
  const ring = new VirtualRing({ size: 5, paceMs: 100, absent: [2, 4] });
  ring.start(0);
  ring.runUntil(() => ring.of("arrived").length >= 4);
  assert.deepEqual(ring.members(0), [0, 1, 3]);
  ring.boot(4);
  ring.runUntil(() => [0, 1, 3, 4].every((node) => ring.members(node).join() === "0,1,3,4"), 600);
  ring.boot(2);
  ring.runUntil(() => ring.members(2).length === 5, 600);
  untilOwns(ring, 4);
  assert.deepEqual(nextOwners(ring, 5), [0, 1, 2, 3, 4]);
  assert.equal(epochs(ring), 1);
});

Deno.test("all that are told of a view are told the same, and its number grows", () => {
  const ring = startedRing(5);
  ring.leave(3);
  ring.run(500);
  ring.boot(3);
  ring.run(2000);
  const views = new Map<string, string>();
  for (const node of [0, 1, 2, 4]) {
    const numbers = ring.of("viewed", node).map(({ view }) => view.number);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
    assert.equal(new Set(numbers).size, numbers.length);
  }
  for (const { view } of ring.of("viewed")) {
    const members = JSON.stringify(view.members);
    assert.equal(views.get(`${view.number}`) ?? members, members);
    views.set(`${view.number}`, members);
  }
  assert.equal(epochs(ring), 1);
});

Deno.test("who has left and comes back is a member again, as another process", () => {
  const ring = startedRing(3);
  ring.leave(1);
  ring.runUntil(() => ring.of("left").length === 1 && ring.members(0).join() === "0,2", 300);
  ring.boot(1);
  ring.runUntil(() => ring.members(1).join() === "0,1,2", 1000);
  assert.equal(epochs(ring), 1);
});

Deno.test("who was killed and comes back at once is a member again, before it is missed", () => {
  for (const node of [0, 1, 2, 3, 4]) {
    const ring = startedRing(5, 400);
    ring.runUntil(() => ring.owners[0] === (node + 2) % 5);
    ring.restart(node);
    const request = ring.lock(node, 1);
    ring.runUntil(() => ring.isGranted(node, request), 3000);
    assert.equal(ring.members(node).length, 5);
    assert.equal(epochs(ring), 1, "the token was elsewhere all the time");
  }
});

Deno.test("the token goes as members wish, and in the order of the file otherwise", () => {
  const ring = startedRing(5, 100, { 0: 3, 3: 1 });
  untilOwns(ring, 0);
  assert.deepEqual(nextOwners(ring, 5), [3, 1, 2, 4, 0]);
  const back = startedRing(4, 100, { 0: 3, 1: 0, 2: 1, 3: 2 });
  untilOwns(back, 0);
  assert.deepEqual(nextOwners(back, 4), [3, 2, 1, 0]);
});

Deno.test("the wish of one who comes late is fulfilled, too", () => {
  const ring = new VirtualRing({ size: 4, paceMs: 100, absent: [2], next: { 2: 0 } });
  ring.start(0);
  ring.runUntil(() => ring.of("arrived").length >= 5);
  ring.boot(2);
  ring.runUntil(() => ring.members(0).length === 4 && ring.members(2).length === 4, 1000);
  untilOwns(ring, 2);
  assert.deepEqual(nextOwners(ring, 1), [0]);
});

Deno.test("who leaves with the token passes it on at once", () => {
  const ring = startedRing(5, 60_000);
  const owner = ring.owners[0]!;
  const since = ring.now;
  ring.leave(owner);
  ring.runUntil(() => ring.of("left", owner).length === 1);
  assert.ok(ring.now - since <= 2 * HOP_MS, "as soon as that is acknowledged");
  assert.equal(ring.owners.length, 1);
  assert.deepEqual(ring.members(ring.owners[0]!).length, 4);
  assert.equal(epochs(ring), 1);
});

Deno.test("the token of one who leaves goes to the one after, so nobody is passed over", () => {
  for (const node of [0, 1, 2, 3, 4]) {
    const ring = startedRing(5);
    untilOwns(ring, node);
    ring.leave(node);
    assert.deepEqual(nextOwners(ring, 1), [(node + 1) % 5]);
  }
});

Deno.test("who leaves with the lock lets it go, and the next waiter has it in a moment", () => {
  const ring = startedRing(5, 60_000);
  const held = ring.lock(3);
  ring.runUntil(() => ring.isGranted(3, held));
  const request = ring.lock(1);
  ring.run(2000);
  const since = ring.now;
  ring.leave(3);
  ring.runUntil(() => ring.isGranted(1, request));
  assert.ok(ring.now - since <= (5 + 2) * HOP_MS, `${ring.now - since} ms`);
});

Deno.test("who leaves without the token is gone when all know, and soon in any case", () => {
  const ring = startedRing(5, 60_000);
  const [owner] = ring.owners;
  const node = (owner! + 2) % 5;
  const since = ring.now;
  ring.leave(node);
  ring.runUntil(() => ring.of("left", node).length === 1);
  assert.ok(ring.now - since <= 2 * HOP_MS);
  assert.equal(ring.members(owner!).includes(node), false);
  ring.fate = () => [];
  const other = (owner! + 1) % 5;
  ring.leave(other);
  ring.runUntil(() => ring.of("left", other).length === 1, 1500);
});

Deno.test("who leaves and is not heard is bridged like a dead one", () => {
  const ring = startedRing(3);
  const isGoodbye = (from: number, type: string) => from === 1 && type === "leave";
  ring.fate = (from, _to, { type }) => isGoodbye(from, type) ? [] : [HOP_MS];
  untilOwns(ring, 2);
  ring.leave(1);
  const requests = [0, 2].map((node) => [node, ring.lock(node, 1)] as const);
  ring.runUntil(
    () => requests.every(([node, request]) => ring.isGranted(node, request)),
    3000,
  );
});

Deno.test("who leaves with the lock, alone, promises nothing that a later process must wait for", () => {
  const ring = startedRing(1);
  const held = ring.lock(0);
  ring.runUntil(() => ring.isGranted(0, held));
  const one = ring.ring(0);
  assert.ok(one.status.supportsUntil > ring.clock(0), "while it has the lock, it does");
  ring.leave(0);
  assert.ok(one.status.supportsUntil <= ring.clock(0));
});

Deno.test("a request of one who leaves is forgotten", () => {
  const ring = startedRing(3, 60_000);
  const held = ring.lock(0);
  ring.runUntil(() => ring.isGranted(0, held));
  ring.lock(1);
  ring.run(10);
  ring.leave(1);
  ring.unlock(0, held);
  ring.run(5000);
  assert.deepEqual(ring.grants, [0]);
});

Deno.test("all leave, one after the other, and all at once", () => {
  for (const size of [1, 2, 3, 5]) {
    for (const pauseMs of [0, 0.5, 3, 400]) {
      const ring = startedRing(size);
      for (const node of ring.running) {
        ring.leave(node);
        ring.run(pauseMs);
      }
      ring.runUntil(() => ring.running.length === 0, 1500);
      assert.equal(ring.of("left").length, size);
    }
  }
});

Deno.test("who never was a member leaves at once, and so does who leaves twice", () => {
  const ring = new VirtualRing({ size: 3 });
  ring.leave(1);
  assert.equal(ring.of("left").length, 1);
  const started = startedRing(3, 60_000);
  const node = (started.owners[0]! + 1) % 3;
  started.leave(node);
  started.leave(node);
  started.run(3000);
  assert.equal(started.of("left").length, 1);
});

Deno.test("one who has left does nothing more, whatever comes", () => {
  const ring = startedRing(3);
  const one = ring.ring(1);
  ring.leave(1);
  ring.runUntil(() => ring.of("left").length === 1);
  const told = ring.events.length;
  const { datagrams } = ring;
  one.receive(0, { type: "want", incarnation: 1, next: null }, ring.clock(1));
  one.tick(ring.clock(1) + 10_000);
  one.start(ring.clock(1) + 10_000);
  assert.equal(one.deadline, Infinity);
  assert.deepEqual([ring.events.length, ring.datagrams], [told, datagrams]);
});

Deno.test("after all but a minority have left, the lock is not granted, and that is said", () => {
  const ring = startedRing(5);
  for (const node of [1, 2, 4]) {
    ring.leave(node);
    ring.run(500);
  }
  ring.lock(0);
  ring.run(5000);
  assert.deepEqual(ring.of("granted"), []);
  assert.equal(ring.ring(0).status.hasQuorum, false);
});
