import assert from "node:assert/strict";
import type { ProcessId } from "../../../src/protocols/process.ts";
import { HOP_MS, VirtualRing } from "./virtual_ring.ts";

const LEASE_MS = 1500;

/** From the last sign of a token until there is a new one, at most: patience, a vote or two, and the
 * time in which nobody votes. */
const REPAIR_MS = 2 * LEASE_MS;

function startedRing(size: number, paceMs = 100, seed = 1): VirtualRing {
  const ring = new VirtualRing({ size, paceMs, seed, leaseMs: LEASE_MS });
  ring.run(5);
  ring.start(0);
  ring.runUntil(() => ring.running.every((node) => ring.members(node).length === size));
  return ring;
}

/** The epochs of all tokens that there were, and how many nodes made each. */
function epochsOf(ring: VirtualRing): number[] {
  return [...new Set(ring.of("arrived").map(({ token }) => token.epoch))];
}

/** Lets the next token message be lost for ever, with all its repetitions. Returns who sent it. */
function loseToken(ring: VirtualRing): ProcessId {
  let sender = -1;
  let lost = -1;
  ring.fate = (from, _to, message) => {
    if (message.type !== "token") return [HOP_MS];
    if (sender < 0) [sender, lost] = [from, message.token.sequence];
    return message.token.sequence === lost ? [] : [HOP_MS];
  };
  ring.runUntil(() => sender >= 0);
  return sender;
}

Deno.test("a token that was lost once is sent again, and no new one is made", () => {
  const ring = startedRing(5);
  let losses = 0;
  ring.fate = (_from, _to, { type }) => type === "token" && losses++ < 3 ? [] : [HOP_MS];
  ring.run(5000);
  assert.equal(epochsOf(ring).length, 1);
  const values = ring.of("arrived").map(({ token }) => token.sequence);
  assert.deepEqual(values, values.map((_, i) => i + 1), "no hop is left out");
});

Deno.test("a lost acknowledgement makes no second token", () => {
  const ring = startedRing(5);
  let losses = 0;
  ring.fate = (_from, _to, { type }) => type === "ack" && losses++ < 3 ? [] : [HOP_MS];
  ring.run(5000);
  assert.ok(losses > 3);
  assert.equal(epochsOf(ring).length, 1);
  assert.equal(ring.owners.length, 1);
});

Deno.test("a token that is lost for good is made again, once, in a higher epoch", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const ring = startedRing(5, 100, seed);
    const [before] = epochsOf(ring);
    const value = Math.max(...ring.of("arrived").map(({ token }) => token.sequence));
    loseToken(ring);
    ring.runUntil(() => epochsOf(ring).length === 2, REPAIR_MS);
    ring.run(10_000);
    const [, after, ...others] = epochsOf(ring);
    assert.ok(after! > before!);
    assert.deepEqual(others, [], "exactly one");
    const first = ring.of("arrived").find(({ token }) => token.epoch === after)!;
    assert.ok(first.token.sequence > value, "its value goes on");
    assert.equal(ring.owners.length, 1);
  }
});

Deno.test("each epoch's token is made once, though its makers are killed and messages lost", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const ring = startedRing(5, 50, seed);
    let sent = 0;
    ring.fate = () => ++sent % 4 === seed % 4 ? [] : [HOP_MS];
    for (let round = 1; round <= 8; round++) {
      const before = epochsOf(ring).length;
      ring.restart(ring.of("arrived").at(-1)!.node);
      ring.runUntil(() => epochsOf(ring).length > before); // The world looks who made it.
    }
  }
});

Deno.test("a token that comes twice, soon or much later, is taken once and acknowledged twice", () => {
  const ring = startedRing(3);
  const before = ring.sent.get("ack") ?? 0;
  let tokens = 0;
  ring.fate = (_from, _to, { type }) => {
    if (type !== "token") return [HOP_MS];
    tokens++;
    return [HOP_MS, HOP_MS, 777];
  };
  ring.run(5000);
  ring.fate = () => [HOP_MS];
  const sequences = ring.of("arrived").map(({ token }) => token.sequence);
  assert.equal(new Set(sequences).size, sequences.length);
  ring.run(1000);
  const acks = (ring.sent.get("ack") ?? 0) - before;
  assert.ok(acks >= 3 * tokens, `${acks} acknowledgements of ${tokens} tokens`);
  assert.equal(epochsOf(ring).length, 1);
});

Deno.test("a token of an older epoch that comes late is refused, and not taken", () => {
  const ring = startedRing(5);
  const late: (() => void)[] = [];
  ring.fate = (from, to, message) => {
    if (message.type === "token" && message.token.epoch === 1) {
      late.push(() => ring.forge(from, to, message));
      return [];
    }
    return [HOP_MS];
  };
  ring.runUntil(() => epochsOf(ring).length === 2, REPAIR_MS);
  const arrivals = ring.of("arrived").filter(({ token }) => token.epoch === 1).length;
  const refusals = ring.sent.get("refuse") ?? 0;
  for (const bring of late) bring();
  assert.equal(ring.of("arrived").filter(({ token }) => token.epoch === 1).length, arrivals);
  assert.ok((ring.sent.get("refuse") ?? 0) > refusals);
  ring.run(5000);
  assert.equal(epochsOf(ring).length, 2);
});

Deno.test("a member that was killed is bridged: the others' view is without it", () => {
  for (const dead of [0, 1, 2, 3, 4]) {
    const ring = startedRing(5);
    ring.kill(dead);
    const others = [0, 1, 2, 3, 4].filter((node) => node !== dead);
    ring.runUntil(
      () => others.every((node) => ring.members(node).length === 4),
      REPAIR_MS + 10 * 100,
    );
    const at = ring.of("arrived").length;
    ring.run(2000);
    const round = ring.of("arrived").slice(at, at + 4).map(({ node }) => node);
    assert.deepEqual(round.toSorted(), others);
  }
});

Deno.test("two of five may die at once", () => {
  const ring = startedRing(5);
  ring.kill(1);
  ring.kill(3);
  const requests = [0, 2, 4].map((node) => [node, ring.lock(node, 1)] as const);
  ring.runUntil(
    () => requests.every(([node, request]) => ring.isGranted(node, request)),
    2 * REPAIR_MS,
  );
});

Deno.test("three of five are too many: nobody is granted the lock, and the others say so", () => {
  const ring = startedRing(5);
  for (const node of [1, 2, 3]) ring.kill(node);
  ring.lock(0);
  ring.lock(4);
  ring.run(10_000);
  assert.deepEqual(ring.of("granted"), []);
  for (const node of [0, 4]) {
    assert.equal(ring.ring(node).status.hasQuorum, false, `${node}`);
    assert.equal(ring.of("quorum", node).at(-1)?.reached, 2);
  }
  ring.boot(2);
  ring.runUntil(() => ring.of("granted").length > 0, 2 * REPAIR_MS);
});

Deno.test("a process that was started again doesn't take what was meant for the one before", () => {
  const ring = startedRing(3, 1000);
  const owner = ring.owners[0]!;
  const next = (owner + 1) % 3;
  const held: (() => void)[] = [];
  ring.fate = (from, to, message) => {
    if (message.type !== "token" || to !== next) return [HOP_MS];
    held.push(() => ring.forge(from, to, message));
    return [];
  };
  ring.runUntil(() => held.length > 0);
  const before = ring.of("arrived", next).length;
  ring.restart(next);
  for (const bring of held) bring();
  assert.equal(ring.of("arrived", next).length, before);
  ring.fate = () => [HOP_MS];
  ring.runUntil(() => ring.of("arrived", next).length > before, 2 * REPAIR_MS);
  assert.equal(epochsOf(ring).length, 2, "the token that it had no part in is dead");
});

Deno.test("a holder that is started again, before anybody noticed, has nothing and spoils nothing", () => {
  const ring = startedRing(3, 1000);
  const held = ring.lock(1);
  ring.runUntil(() => ring.isGranted(1, held));
  ring.restart(1);
  const requests = [0, 1, 2].map((node) => [node, ring.lock(node, 1)] as const);
  // The world knows that the killed one's use goes on to the end of its lease.
  ring.runUntil(
    () => requests.every(([node, request]) => ring.isGranted(node, request)),
    2 * REPAIR_MS,
  );
});

Deno.test("an owner who learns that its token is dead drops it, and a new one is made soon", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  ring.forge((owner + 1) % 3, owner, { type: "refuse", epoch: 1, promised: 7, waitMs: 0 });
  assert.notEqual(ring.ring(owner).status.owner, owner);
  ring.runUntil(() => epochsOf(ring).length === 2, 200);
  assert.ok(epochsOf(ring)[1]! > 7);
});

Deno.test("a token that is dead isn't dropped while the lock is in use, but then", () => {
  const ring = startedRing(3, 60_000);
  const held = ring.lock(1);
  ring.runUntil(() => ring.isGranted(1, held));
  const refuse = () => ring.forge(2, 1, { type: "refuse", epoch: 1, promised: 7, waitMs: 0 });
  refuse();
  ring.run(3000);
  assert.deepEqual(ring.of("lost"), []);
  assert.equal(ring.ring(1).status.owner, 1);
  ring.unlock(1, held);
  refuse();
  assert.notEqual(ring.ring(1).status.owner, 1);
  ring.runUntil(() => epochsOf(ring).length === 2, REPAIR_MS);
  ring.run(5000);
  assert.equal(ring.owners.length, 1);
});

Deno.test("a refusal of another token than ours changes nothing", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  ring.forge((owner + 1) % 3, owner, { type: "refuse", epoch: 99, promised: 100, waitMs: 0 });
  ring.forge((owner + 1) % 3, owner, { type: "refuse", epoch: 1, promised: 1, waitMs: 0 });
  ring.run(3000);
  assert.equal(epochsOf(ring).length, 1);
});

Deno.test("support of an earlier process, of another epoch, or of the future is worth nothing", () => {
  const ring = startedRing(3, 60_000);
  const owner = ring.owners[0]!;
  ring.fate = () => [];
  ring.lock(owner);
  const { epoch, view } = ring.ring(owner).status;
  const { incarnation } = view.members.find(({ node }) => node === owner)!;
  const support = { type: "support", epoch, incarnation, sentAt: 0, isLease: true } as const;
  const now = ring.clock(owner);
  for (
    const wrong of [
      { incarnation: incarnation + 1, sentAt: now },
      { epoch: epoch + 1, sentAt: now },
      { sentAt: now + 1000 },
      { isLease: false, sentAt: now },
    ]
  ) {
    for (const from of [0, 1, 2]) {
      if (from !== owner) ring.forge(from, owner, { ...support, ...wrong });
    }
  }
  assert.deepEqual(ring.of("granted"), []);
  ring.forge((owner + 1) % 3, owner, { ...support, sentAt: now });
  assert.equal(ring.of("granted").length, 1, "and the right one is");
});
