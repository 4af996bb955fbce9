import assert from "node:assert/strict";
import { Random } from "../../../src/protocols/random.ts";
import { Acceptor } from "../../../src/protocols/token_ring/acceptor.ts";
import { Election } from "../../../src/protocols/token_ring/election.ts";
import { MAX_EPOCH, type Promised } from "../../../src/protocols/token_ring/messages.ts";
import { RingTimes } from "../../../src/protocols/token_ring/ring_times.ts";

const LEASE_MS = 1000;
const times = new RingTimes(LEASE_MS);
const NOTHING = { epoch: 0, sequence: 0 };

/** Node 0 of five, at its first start unless it has voted. */
function election(epoch = 0, seed = 1): { election: Election; acceptor: Acceptor } {
  const acceptor = new Acceptor(LEASE_MS, { epoch, candidate: 0 }, false, 0);
  const options = { self: 0, votesNeeded: 3, times };
  return { election: new Election(options, acceptor, new Random(seed), 0), acceptor };
}

function promise(epoch: number, incarnation = 1): Promised {
  return {
    ...{ type: "promise", epoch, incarnation, next: null },
    ...{ last: NOTHING, viewNumber: 0 },
  };
}

Deno.test("who is started where no token is known campaigns at once, in the first epoch", () => {
  const { election: one } = election();
  one.start(50);
  assert.equal(one.deadline, 50);
  assert.equal(one.advance(NOTHING, 0, true, 50)?.epoch, 1);
});

Deno.test("who knows of an earlier epoch, and has seen no sign of it, campaigns at once in the next", () => {
  const { election: one } = election(4);
  one.start(50);
  assert.equal(one.advance(NOTHING, 0, true, 50)?.epoch, 5);
});

Deno.test("who has seen a sign of the token waits for the next one, started or not", () => {
  const { election: one } = election(4);
  one.sign(10);
  one.start(50);
  assert.ok(one.deadline >= 10 + times.lossMs && one.deadline <= 10 + 1.25 * times.lossMs);
  assert.equal(one.advance(NOTHING, 0, true, 10 + times.lossMs - 1), null);
});

Deno.test("each sign of the token puts a campaign off, and nodes wait for different times", () => {
  const deadlines = [1, 2, 3, 4, 5].map((seed) => {
    const { election: one } = election(4, seed);
    one.sign(700);
    return one.deadline;
  });
  for (const deadline of deadlines) {
    assert.ok(deadline >= 700 + times.lossMs && deadline <= 700 + 1.25 * times.lossMs);
  }
  assert.equal(new Set(deadlines).size, deadlines.length);
});

Deno.test("a sign is fresh for a while", () => {
  const { election: one } = election();
  one.sign(100);
  assert.equal(one.freshMs(100), times.freshMs);
  assert.ok(one.freshMs(100 + times.freshMs) <= 0);
});

Deno.test("the candidate's own vote is cast last, when it decides", () => {
  const { election: one, acceptor } = election();
  one.start(0);
  const epoch = one.advance(NOTHING, 0, true, 0)!.epoch;
  one.promised(1, promise(epoch));
  assert.equal(one.result(1), null);
  assert.equal(acceptor.vote.epoch, 0, "it has not voted, and refuses no token");
  one.promised(2, promise(epoch));
  assert.deepEqual(one.result(2)?.vote, { epoch, candidate: 0 });
  assert.deepEqual(acceptor.vote, { epoch, candidate: 0 });
});

Deno.test("a vote for another epoch, or twice by one node, makes no majority", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  one.promised(1, promise(1));
  one.promised(1, promise(1));
  one.promised(2, promise(2));
  assert.equal(one.result(1), null);
});

Deno.test("votes that came before a sign of the token don't count after it", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  one.promised(1, promise(1));
  one.sign(1);
  one.promised(2, promise(1));
  one.promised(3, promise(1));
  assert.equal(one.result(2), null);
});

Deno.test("no token is made without the candidate's own vote, which a restart remembers", () => {
  const { election: one, acceptor } = election(4);
  const at = one.deadline;
  assert.equal(one.advance(NOTHING, 0, true, at)?.epoch, 5);
  for (const node of [1, 2, 3, 4]) one.promised(node, promise(5));
  // It supports a token of epoch 4 by now: a process after it would ask for votes in 5 again.
  acceptor.support(4, false, at + 1);
  const result = one.result(at + 1);
  assert.ok(result === null || result.vote !== null, "nothing would keep 5 from being made twice");
});

Deno.test("the same epoch is asked for again, after pauses, and only of those who haven't voted", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  one.promised(3, promise(1, 77));
  const pauses: number[] = [];
  let last = 0;
  for (let i = 0; i < 10; i++) {
    const now = one.deadline;
    const proposal = one.advance(NOTHING, 0, true, now)!;
    assert.equal(proposal.epoch, 1);
    assert.deepEqual(proposal.voters, [{ node: 3, incarnation: 77, next: null }]);
    pauses.push(now - last);
    last = now;
  }
  assert.ok(pauses.every((ms) => ms >= times.campaignMinMs && ms <= times.campaignMaxMs));
  assert.ok(new Set(pauses).size > 5, "two candidates don't go on disturbing each other");
});

Deno.test("before its time comes it asks nobody", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  assert.equal(one.advance(NOTHING, 0, true, one.deadline - 1), null);
});

Deno.test("who is told of a higher epoch asks for one above that", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  one.refused(1, 6, 0, 1);
  assert.equal(one.advance(NOTHING, 0, true, one.deadline)?.epoch, 7);
});

Deno.test("who is told how long a supporter waits asks then, and not later than it would have", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  const planned = one.deadline;
  one.refused(1, 0, 5, 2);
  assert.ok(one.deadline > 2 && one.deadline <= planned);
  const soon = one.deadline;
  one.refused(1, 0, 5000, 2);
  assert.equal(one.deadline, soon);
});

Deno.test("a refusal of another epoch changes nothing", () => {
  const { election: one } = election();
  one.start(0);
  one.advance(NOTHING, 0, true, 0);
  const planned = one.deadline;
  one.refused(2, 99, 1, 1);
  assert.equal(one.deadline, planned);
  assert.equal(one.advance(NOTHING, 0, true, planned)?.epoch, 1);
});

Deno.test("who supports a token doesn't campaign until that has run out", () => {
  const { election: one, acceptor } = election(4);
  const now = one.deadline;
  acceptor.support(4, false, now - 10);
  assert.equal(one.advance(NOTHING, 0, true, now), null);
  // Not just then, when all others might do so.
  assert.ok(one.deadline > now - 10 + LEASE_MS && one.deadline <= now - 10 + LEASE_MS * 1.1);
  assert.equal(one.advance(NOTHING, 0, true, one.deadline)?.epoch, 5);
});

Deno.test("a token that is known to be dead is made again at once, above the epoch that killed it", () => {
  const { election: one } = election(4);
  one.sign(100);
  one.challenged(9, 150);
  assert.equal(one.deadline, 150);
  assert.equal(one.advance(NOTHING, 0, true, 150)?.epoch, 10);
});

Deno.test("who has voted for somebody gives him time, less than the token would have", () => {
  const { election: one, acceptor } = election(4);
  acceptor.cast(5, 3, 200);
  one.voted(200);
  assert.ok(one.deadline >= 200 + times.campaignMaxMs);
  assert.ok(one.deadline <= 200 + 2 * times.campaignMaxMs);
  one.sign(300);
  assert.ok(one.deadline >= 300 + times.lossMs, "with a sign, patience is as before");
});

Deno.test("after the last epoch there are no more, and no deadline", () => {
  const { election: last } = election(MAX_EPOCH - 1);
  assert.equal(last.advance(NOTHING, 0, true, last.deadline)?.epoch, MAX_EPOCH);
  const { election: over } = election(MAX_EPOCH);
  assert.equal(over.advance(NOTHING, 0, true, over.deadline), null);
  assert.equal(over.deadline, Infinity);
});
