import assert from "node:assert/strict";
import fc from "fast-check";
import { Acceptor } from "../../../src/protocols/token_ring/acceptor.ts";

const LEASE_MS = 1000;
const NO_VOTE = { epoch: 0, candidate: 0 };

function acceptor(vote = NO_VOTE, isQuarantined = false): Acceptor {
  return new Acceptor(LEASE_MS, vote, isQuarantined, 0);
}

Deno.test("a node votes once in an epoch, and says the same again when it is asked again", () => {
  const node = acceptor();
  assert.deepEqual(node.cast(1, 3, 0), { epoch: 1, candidate: 3 });
  assert.equal(node.mayVote(1, 4, 0), false);
  assert.equal(node.mayVote(1, 3, 0), true);
  assert.deepEqual(node.vote, { epoch: 1, candidate: 3 });
});

Deno.test("a node votes in no epoch below one that it has voted in, or heard of", () => {
  const node = acceptor();
  node.cast(5, 1, 0);
  assert.equal(node.mayVote(4, 1, 0), false);
  node.heard(9);
  assert.equal(node.mayVote(5, 1, 0), false, "its own vote is outdated, too");
  assert.equal(node.mayVote(9, 1, 0), false, "the token of 9 was made without it");
  assert.equal(node.mayVote(10, 1, 0), true);
  node.heard(2);
  assert.equal(node.highest, 9, "it never goes back");
});

Deno.test("a vote that was kept over a restart counts", () => {
  const node = acceptor({ epoch: 7, candidate: 2 });
  assert.equal(node.highest, 7);
  assert.equal(node.mayVote(7, 1, 0), false);
  assert.equal(node.mayVote(6, 2, 0), false);
  assert.equal(node.mayVote(7, 2, 0), true);
});

Deno.test("a node that supports a token votes for nobody until the lease is over", () => {
  const node = acceptor();
  node.support(1, false, 100);
  assert.equal(node.mayVote(2, 0, 1099), false);
  assert.equal(node.mayVote(2, 0, 1100), true);
  node.support(1, false, 1050);
  assert.equal(node.mayVote(2, 0, 2049), false);
  assert.equal(node.mayVote(2, 0, 2050), true);
});

Deno.test("a late request for support doesn't shorten what was promised", () => {
  const node = acceptor();
  node.support(1, false, 100);
  node.support(1, false, 50);
  assert.equal(node.supportsUntil, 1100);
});

Deno.test("a node takes back what it has promised to itself, and not what it has to others", () => {
  const node = acceptor();
  node.support(1, false, 100);
  node.support(1, true, 500);
  assert.equal(node.supportsUntil, 1500);
  node.release();
  assert.equal(node.supportsUntil, 1100);
});

Deno.test("a process after one that was killed votes for nobody for the time of a lease", () => {
  const node = acceptor({ epoch: 3, candidate: 1 }, true);
  assert.equal(node.mayVote(4, 0, 999), false);
  assert.equal(node.mayVote(3, 1, 999), false, "not even as before");
  assert.equal(node.mayVote(4, 0, 1000), true);
  node.release();
  assert.equal(acceptor(NO_VOTE, true).mayVote(1, 0, 999), false);
});

Deno.test("releasing its own lease doesn't end a node's quarantine", () => {
  const node = acceptor(NO_VOTE, true);
  node.release();
  assert.equal(node.mayVote(1, 0, 999), false);
});

Deno.test("a vote that may not be cast is a mistake of the caller", () => {
  const node = acceptor({ epoch: 3, candidate: 1 });
  assert.throws(() => node.cast(3, 2, 0), /only cast where it may be/);
  assert.throws(() => node.cast(2, 1, 0), /only cast where it may be/);
});

/** What may come to an acceptor. */
const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 700 }),
    what: fc.constantFrom("vote", "support", "own", "heard"),
    epoch: fc.integer({ min: 1, max: 12 }),
    candidate: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 60 },
);

Deno.test("whatever comes, votes only go up, one an epoch, and none within a lease", () => {
  fc.assert(fc.property(steps, (all) => {
    const node = acceptor();
    const votes = new Map<number, number>();
    let now = 0;
    let supportedAt = -Infinity;
    let last = 0;
    for (const { afterMs, what, epoch, candidate } of all) {
      now += afterMs;
      if (what === "heard") node.heard(epoch);
      else if (what !== "vote") {
        node.support(epoch, what === "own", now);
        supportedAt = now;
      } else if (node.mayVote(epoch, candidate, now)) {
        node.cast(epoch, candidate, now);
        assert.ok(epoch >= last);
        assert.equal(votes.get(epoch) ?? candidate, candidate);
        assert.ok(now - supportedAt >= LEASE_MS);
        votes.set(epoch, candidate);
        last = epoch;
      }
      assert.ok(node.highest >= node.vote.epoch);
    }
  }));
});
