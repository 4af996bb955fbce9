import assert from "node:assert/strict";
import type { ProcessId } from "../../../src/protocols/process.ts";
import { fenceOf, GRANTS_PER_EPOCH } from "../../../src/protocols/token_ring/messages.ts";
import { HOP_MS, VirtualRing } from "./virtual_ring.ts";

const LEASE_MS = 1500;

/** A ring that has a token, everybody in its view. */
function startedRing(size: number, paceMs = 1000): VirtualRing {
  const ring = new VirtualRing({ size, paceMs, leaseMs: LEASE_MS });
  ring.run(5);
  ring.start(0);
  ring.runUntil(() => ring.members(size - 1).length === size);
  return ring;
}

/** A user who wants the lock again whenever it has let it go. */
function insist(ring: VirtualRing, node: ProcessId, holdMs: number): void {
  const request = ring.lock(node, holdMs);
  const look = () => {
    const isOver = ring.of("unlocked", node).some((event) => event.request === request);
    if (isOver) insist(ring, node, holdMs);
    else ring.after(0.1, look);
  };
  look();
}

Deno.test("a waiter's request wakes an idle ring: it has the lock within a rotation of hops", () => {
  for (const size of [1, 2, 5, 20]) {
    for (let node = 0; node < size; node++) {
      const ring = startedRing(size, 60_000);
      ring.run(777);
      const since = ring.now;
      const request = ring.lock(node);
      ring.runUntil(() => ring.isGranted(node, request));
      // The request, a whole rotation, and the question for the lease.
      assert.ok(ring.now - since <= (1 + size + 2) * HOP_MS, `${ring.now - since} ms`);
    }
  }
});

Deno.test("who waits is served before anybody else is served twice", () => {
  const size = 5;
  const ring = startedRing(size);
  for (let node = 0; node < size; node++) insist(ring, node, 3);
  ring.run(2000);
  const { grants } = ring;
  assert.ok(grants.length > 200, `${grants.length} grants`);
  for (let i = 0; i + size <= grants.length; i++) {
    const rotation = grants.slice(i, i + size);
    assert.equal(new Set(rotation).size, size, `${rotation} at ${i}`);
  }
});

Deno.test("a node whose users always want the lock again lets the others have it all the same", () => {
  const ring = startedRing(3);
  for (let user = 0; user < 3; user++) insist(ring, 0, 2);
  ring.run(100);
  const before = ring.of("granted", 0).length;
  assert.ok(before > 20, "alone, they go on without a pause");
  const request = ring.lock(2, 1);
  ring.runUntil(() => ring.isGranted(2, request), 50);
  assert.ok(ring.of("granted", 0).length - before <= 2 * 3);
});

Deno.test("all requests of a node that waited when the token came are served in their order", () => {
  const ring = startedRing(3);
  ring.lock(1, 20);
  ring.runUntil(() => ring.of("granted", 1).length === 1);
  const [first, second, third] = [ring.lock(2, 1), ring.lock(2, 1), ring.lock(2, 1)];
  ring.lock(0, 1);
  ring.runUntil(() => ring.of("unlocked").length === 5);
  assert.deepEqual(ring.grants, [1, 2, 2, 2, 0]);
  const served = ring.of("granted", 2).map(({ request }) => request);
  assert.deepEqual(served, [first, second, third]);
});

Deno.test("the next waiter has the lock as soon as it is let go", () => {
  const ring = startedRing(5);
  const held = ring.lock(0);
  ring.runUntil(() => ring.isGranted(0, held));
  const request = ring.lock(3);
  ring.run(4000);
  assert.equal(ring.isGranted(3, request), false);
  const since = ring.now;
  ring.unlock(0, held);
  ring.runUntil(() => ring.isGranted(3, request));
  assert.ok(ring.now - since <= (3 + 2) * HOP_MS, `${ring.now - since} ms`);
});

Deno.test("a lock that is held for longer than the lease is kept, with a majority that answers", () => {
  const ring = startedRing(5);
  ring.lock(2);
  ring.runUntil(() => ring.of("granted", 2).length === 1);
  ring.kill(0);
  ring.kill(4);
  ring.lock(1);
  ring.run(20 * LEASE_MS);
  assert.deepEqual(ring.of("lost"), []);
  assert.deepEqual(ring.grants, [2]);
  assert.equal(new Set(ring.of("arrived").map(({ token }) => token.epoch)).size, 1);
});

Deno.test("a lease counts from when the question left, however late the answer comes", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  ring.fate = (_from, _to, { type }) => [type === "support" ? 900 : HOP_MS];
  const asked = ring.clock(owner);
  const request = ring.lock(owner);
  ring.runUntil(() => ring.isGranted(owner, request));
  const { leaseUntil } = ring.of("granted", owner)[0]!;
  assert.ok(ring.clock(owner) - asked >= 900);
  assert.equal(leaseUntil, asked + LEASE_MS * 0.98);
});

Deno.test("who gets its answers so late that nothing is left of the lease isn't granted the lock", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  ring.fate = (_from, _to, { type }) => [type === "support" ? 1200 : HOP_MS];
  ring.lock(owner);
  ring.run(10_000);
  assert.deepEqual(ring.grants, []);
});

Deno.test("who waits is told who has the lock", () => {
  const ring = startedRing(3);
  ring.lock(0);
  ring.runUntil(() => ring.of("granted").length === 1);
  const { fence } = ring.of("granted")[0]!;
  ring.lock(2);
  ring.runUntil(() => ring.of("busy", 2).length > 0, 5);
  assert.deepEqual(ring.of("busy", 2).map((event) => [event.holder, event.fence])[0], [0, fence]);
  assert.equal(ring.ring(2).status.fence, fence);
  assert.equal(ring.ring(2).status.owner, 0);
  assert.equal(ring.ring(2).status.waiting, 1);
});

Deno.test("who has given up is not served, and the others are", () => {
  const ring = startedRing(3);
  const held = ring.lock(0);
  ring.runUntil(() => ring.isGranted(0, held));
  const given = ring.lock(1);
  const kept = ring.lock(1, 1);
  const other = ring.lock(2, 1);
  ring.run(30);
  ring.unlock(1, given);
  ring.unlock(0, held);
  ring.runUntil(() => ring.isGranted(2, other));
  assert.ok(ring.isGranted(1, kept));
  assert.equal(ring.isGranted(1, given), false);
});

Deno.test("a node that alone has given up just passes the token on", () => {
  const ring = startedRing(3, 200);
  const request = ring.lock(1);
  ring.unlock(1, request);
  ring.run(3000);
  assert.deepEqual(ring.grants, []);
  assert.equal(ring.owners.length, 1);
});

Deno.test("who gives up while the lease is asked for is not served", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  const request = ring.lock(owner);
  ring.unlock(owner, request);
  const next = ring.lock(owner, 1);
  ring.runUntil(() => ring.isGranted(owner, next));
  assert.equal(ring.isGranted(owner, request), false);
});

Deno.test("to let go what one doesn't have forges no token and takes none away", () => {
  const ring = startedRing(3, 200);
  const held = ring.lock(1);
  ring.runUntil(() => ring.isGranted(1, held));
  const arrived = ring.of("arrived").length;
  for (const node of [0, 1, 2]) ring.ring(node).unlock(4711, ring.clock(node));
  ring.run(3000);
  assert.equal(ring.of("arrived").length, arrived);
  assert.deepEqual(ring.owners, [1]);
});

Deno.test("a lock that was let go twice is let go once", () => {
  const ring = startedRing(3, 60_000);
  const first = ring.lock(1);
  ring.runUntil(() => ring.isGranted(1, first));
  const second = ring.lock(1);
  ring.unlock(1, first);
  ring.runUntil(() => ring.isGranted(1, second));
  ring.unlock(1, first);
  ring.lock(2);
  ring.run(3000);
  assert.deepEqual(ring.grants, [1, 1]);
});

Deno.test("who can't renew its lease is told before it is over, and then another one has the lock", () => {
  const ring = startedRing(5);
  const held = ring.lock(2);
  ring.runUntil(() => ring.isGranted(2, held));
  ring.run(700);
  ring.fate = (from, to) => from === 2 || to === 2 ? [] : [HOP_MS];
  const since = ring.now;
  const request = ring.lock(4);
  ring.runUntil(() => ring.of("lost", 2).length === 1);
  assert.ok(ring.now - since < LEASE_MS);
  assert.equal(ring.isGranted(4, request), false);
  ring.runUntil(() => ring.isGranted(4, request), 2000);
});

Deno.test("a holder that was paused beyond its lease learns that it is lost when it goes on", () => {
  const ring = startedRing(5);
  const held = ring.lock(2);
  ring.runUntil(() => ring.isGranted(2, held));
  ring.pause(2);
  const request = ring.lock(4);
  ring.runUntil(() => ring.isGranted(4, request), 4000);
  assert.deepEqual(ring.of("lost"), []);
  ring.resume(2);
  ring.runUntil(() => ring.of("lost", 2).length === 1, HOP_MS);
  ring.run(5000);
  assert.deepEqual(ring.owners, [4], "and the old token is dropped");
});

Deno.test("after a crash of the holder the next one has the lock within two seconds", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const ring = new VirtualRing({ size: 5, seed });
    ring.start(0);
    const held = ring.lock(1);
    ring.runUntil(() => ring.isGranted(1, held));
    ring.run(seed * 111);
    const requests = [0, 2, 3, 4].map((node) => [node, ring.lock(node, 1)] as const);
    ring.run(seed * 29);
    ring.kill(1);
    ring.runUntil(() => ring.of("granted").length >= 2, 2000);
    ring.runUntil(() => requests.every(([node, request]) => ring.isGranted(node, request)), 500);
  }
});

Deno.test("when an epoch has no fencing numbers left, a higher one begins", () => {
  const ring = startedRing(2, 60_000);
  const owner = ring.owners[0]!;
  const { epoch, sequence, view } = ring.ring(owner).status;
  const member = view.members.find(({ node }) => node === owner)!;
  const grants = GRANTS_PER_EPOCH - 2;
  ring.forge(1 - owner, owner, {
    ...{ type: "token", to: member.incarnation },
    token: { epoch, sequence: sequence + 1, grants, view, waiting: [] },
  });
  const [last, next] = [ring.lock(owner, 1), ring.lock(owner, 1)];
  ring.runUntil(() => ring.isGranted(owner, next), 3000);
  const [one, two] = ring.of("granted", owner);
  assert.equal(one!.request, last);
  assert.equal(one!.fence, fenceOf({ epoch, grants: GRANTS_PER_EPOCH - 1 }));
  const higher = Math.floor(two!.fence / GRANTS_PER_EPOCH);
  assert.ok(higher > epoch);
  assert.equal(two!.fence, fenceOf({ epoch: higher, grants: 1 }));
});

Deno.test("users who come and go at all nodes, many at once, are all served", () => {
  const ring = startedRing(20);
  const requests = Array.from({ length: 200 }, (_, i) => [i % 20, ring.lock(i % 20, 1)] as const);
  ring.runUntil(() => requests.every(([node, request]) => ring.isGranted(node, request)), 2000);
});
