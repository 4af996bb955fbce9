/**
 * The checkers of a token ring: a history in which all is well, one for each thing that may be wrong with
 * it, and a plain twin of each safety checker that must agree with it on random histories.
 */

import assert from "node:assert/strict";
import { checkExclusion } from "../../../src/checkers/ring/exclusion.ts";
import { checkFencing } from "../../../src/checkers/ring/fencing.ts";
import { judgeRing } from "../../../src/checkers/ring/judge_ring.ts";
import { checkOneToken } from "../../../src/checkers/ring/one_token.ts";
import type {
  LockGranted,
  RingEvent,
  RingHistory,
  TokenArrived,
} from "../../../src/history/ring_history.ts";
import { Random } from "../../../src/protocols/random.ts";

const NODES = 3;
const NOTICE_MS = 10;

/** Writes a history, in which all is well from time 0 on unless something else is said. */
class Story {
  readonly events: RingEvent[] = [];
  readonly #asked = new Map<number, number>();

  ask(at: number, node: number, request: number): this {
    this.events.push({ event: "asked", at, node, request });
    this.#asked.set(request, node);
    return this;
  }

  withdraw(at: number, request: number): this {
    this.events.push({ event: "withdrawn", at, node: this.#asked.get(request)!, request });
    return this;
  }

  grant(at: number, request: number, fence: number): this {
    this.events.push({ event: "granted", at, node: this.#asked.get(request)!, request, fence });
    return this;
  }

  end(at: number, request: number): this {
    this.events.push({ event: "ended", at, node: this.#asked.get(request)!, request });
    return this;
  }

  arrive(at: number, node: number, sequence: number, epoch = 1): this {
    this.events.push({ event: "arrived", at, node, epoch, sequence });
    return this;
  }

  history(change: Partial<RingHistory> = {}): RingHistory {
    const known = { epoch: 1, view: 1, members: [0, 1, 2] };
    return {
      ...{ nodes: NODES, events: this.events, settledAt: 0, quietAt: 900, endAt: 1000 },
      ...{ noticeMs: NOTICE_MS, knowledge: [known, known, known] },
      ...change,
    };
  }

  judge(change: Partial<RingHistory> = {}): string[] {
    return judgeRing(this.history(change)).map(({ property, witness }) =>
      `${property}: ${witness}`
    );
  }
}

/** A token that goes round once. */
function round(): Story {
  return new Story().arrive(1, 0, 1).arrive(2, 1, 2).arrive(3, 2, 3);
}

Deno.test("a story in which all is well", () => {
  const story = new Story()
    .arrive(1, 0, 1)
    .ask(2, 0, 1).grant(2, 1, 1).ask(3, 1, 2).ask(4, 2, 3).end(5, 1)
    .arrive(6, 1, 2).grant(6, 2, 2).end(7, 2)
    .arrive(7, 2, 3).withdraw(8, 3).ask(9, 2, 4).grant(9, 4, 3).end(9, 4);
  assert.deepEqual(story.judge(), []);
});

Deno.test("two use the lock at a time", () => {
  const story = round().ask(4, 0, 1).ask(4, 1, 2).grant(5, 1, 7).grant(8, 2, 8).end(9, 1).end(9, 2);
  assert.deepEqual(story.judge(), [
    "exclusion: node 1 got the lock at 8.000 ms with fencing number 8, while node 0 used it until " +
    "9.000 ms with 7",
  ]);
});

Deno.test("a long use overlaps with one that is not the next", () => {
  const story = round().ask(4, 0, 1).ask(4, 1, 2).ask(4, 2, 3)
    .grant(5, 1, 7).grant(5, 2, 8).end(5, 2).grant(6, 3, 9);
  const [first] = story.judge({ quietAt: Infinity, settledAt: Infinity });
  assert.match(first!, /^exclusion: node 1 got the lock at 5.000 ms/);
});

Deno.test("one ends at the moment at which the next begins, in whichever order it is told", () => {
  const story = round().ask(4, 0, 1).ask(4, 1, 2).grant(5, 1, 7).grant(8, 2, 8).end(8, 1).end(9, 2);
  assert.deepEqual(story.judge(), []);
});

Deno.test("a use that never ends", () => {
  const story = round().ask(4, 0, 1).ask(4, 1, 2).grant(5, 1, 7).grant(8, 2, 8);
  assert.match(story.judge()[0]!, /^exclusion: .* while node 0 used it until the end with 7$/);
});

Deno.test("a fencing number that is there again, or is lower", () => {
  for (const fence of [7, 6]) {
    const story = round().ask(4, 0, 1).ask(4, 1, 2)
      .grant(5, 1, 7).end(6, 1).grant(8, 2, fence).end(9, 2);
    assert.deepEqual(story.judge(), [
      `fencing: node 1 got the lock with fencing number ${fence} at 8.000 ms, after node 0 had got it ` +
      "with 7",
    ]);
  }
});

Deno.test("a token that comes twice, or too early, or goes back", () => {
  for (const [sequence, came] of [[3, 2], [5, 2], [2, 0]] as const) {
    const story = round().arrive(4, came, sequence);
    assert.deepEqual(story.judge(), [
      `one-token: in epoch 1 token ${sequence} came to node ${came} at 4.000 ms, after token 3 had ` +
      "come to node 2",
    ]);
  }
});

Deno.test("a dead token that goes on beside a new one is one in its epoch", () => {
  const story = new Story().arrive(1, 0, 1).arrive(2, 1, 9, 2).arrive(3, 1, 2).arrive(4, 2, 10, 2);
  const known = { epoch: 2, view: 1, members: [0, 1, 2] };
  assert.deepEqual(story.judge({ settledAt: 4, knowledge: [known, known, known] }), []);
});

Deno.test("another token comes although all is well", () => {
  assert.deepEqual(round().arrive(5, 0, 9, 2).judge(), [
    "alive: although all was well, a token of epoch 2 came to node 0 at 5.000 ms, after one of epoch " +
    "1 had come to node 0",
  ]);
  assert.deepEqual(round().arrive(5, 0, 9, 2).judge({ settledAt: 4 }), []);
});

Deno.test("no token is alive although all is well", () => {
  assert.deepEqual(round().judge({ settledAt: 4 }), [
    "alive: although all was well, no token was alive",
  ]);
  assert.deepEqual(round().judge({ settledAt: 4, quietAt: Infinity }), []);
});

Deno.test("in the end somebody isn't up, not in the view, or knows something else", () => {
  const known = { epoch: 1, view: 3, members: [0, 1, 2] };
  assert.deepEqual(round().judge({ knowledge: [known, null, known] }), [
    "alive: node 1 was not up in the end",
  ]);
  assert.deepEqual(round().judge({ knowledge: [known, known, { ...known, members: [0, 2] }] }), [
    "alive: in the end node 2 knew of a view of 2 of 3 nodes",
  ]);
  for (const other of [{ epoch: 2 }, { view: 4 }, { members: [0, 2, 1] }]) {
    const [witness] = round().judge({ knowledge: [known, known, { ...known, ...other }] });
    assert.match(
      witness!,
      /^alive: in the end node 0 knew epoch 1 and view 3 \(0, 1, 2\), and node 2 /,
    );
  }
});

Deno.test("somebody waits for ever, unless the run ended before all was well", () => {
  assert.deepEqual(round().ask(5, 1, 1).judge(), [
    "served: node 1 waits for the lock since 5.000 ms, and still did at the end, at 1000.000 ms",
  ]);
  assert.deepEqual(round().ask(5, 1, 1).judge({ settledAt: Infinity, quietAt: Infinity }), []);
});

Deno.test("the token passes by a waiter", () => {
  const story = new Story().arrive(1, 0, 1).ask(2, 2, 1).arrive(3, 1, 2).arrive(4, 0, 3).arrive(
    5,
    1,
    4,
  )
    .arrive(6, 2, 5).grant(6, 1, 1).end(7, 1);
  assert.deepEqual(story.judge(), [
    "rotation: the token came to node 1 a second time at 5.000 ms, while node 2 waited for it since " +
    "2.000 ms",
  ]);
  assert.deepEqual(story.judge({ settledAt: 3.5 }), []);
});

Deno.test("who has the token serves itself again and again while another one waits", () => {
  const wait = (laterMs: number) =>
    round().ask(10, 0, 1).ask(10 + laterMs, 2, 2).grant(30, 2, 1).end(30, 2)
      .arrive(31, 0, 4).grant(31, 1, 2).end(32, 1).judge();
  assert.deepEqual(wait(NOTICE_MS), []);
  assert.deepEqual(wait(NOTICE_MS + 1), [
    "rotation: node 2 got the lock at 30.000 ms for who had asked at 21.000 ms, when the token was " +
    "there and node 0 had waited for it since 10.000 ms",
  ]);
});

/** Three requests of two nodes and hops of two epochs, in any order and with any numbers. */
function randomHistory(random: Random): RingHistory {
  const story = new Story();
  const open: number[] = [];
  let [at, request] = [0, 0];
  for (let i = 0; i < 8; i++) {
    at += random.below(2);
    const what = random.below(3);
    if (what === 0) story.ask(at, random.below(2), ++request).grant(at, request, random.below(4));
    if (what === 0) open.push(request);
    if (what === 1 && open.length > 0) story.end(at, open.splice(random.below(open.length), 1)[0]!);
    if (what === 2) story.arrive(at, random.below(2), random.below(4), 1 + random.below(2));
  }
  return story.history();
}

/** Compares each pair of uses. */
function areApart({ events }: RingHistory): boolean {
  const uses = events.filter((event): event is LockGranted => event.event === "granted")
    .map(({ request, at }) => ({
      from: at,
      to: events.find((event) => event.event === "ended" && event.request === request)?.at ??
        Infinity,
    }));
  return uses.every((one, i) => uses.every((other, j) => j <= i || one.to <= other.from));
}

/** Compares each pair of grants. */
function doFencesGrow({ events }: RingHistory): boolean {
  const grants = events.filter((event): event is LockGranted => event.event === "granted");
  return grants.every((one, i) => grants.every((other, j) => j <= i || one.fence < other.fence));
}

/** Compares the numbers of an epoch with those that there have to be. */
function isOne({ events }: RingHistory): boolean {
  return [1, 2].every((epoch) => {
    const hops = events.filter((event): event is TokenArrived =>
      event.event === "arrived" && event.epoch === epoch
    );
    return hops.every(({ sequence }, i) => sequence === hops[0]!.sequence + i);
  });
}

Deno.test("the checkers agree with plain ones on random histories", () => {
  const random = new Random(1);
  const counts = { exclusion: 0, fencing: 0, token: 0 };
  for (let i = 0; i < 20_000; i++) {
    const history = randomHistory(random);
    const sentence = JSON.stringify(history.events);
    assert.equal(checkExclusion(history) === null, areApart(history), sentence);
    assert.equal(checkFencing(history) === null, doFencesGrow(history), sentence);
    assert.equal(checkOneToken(history) === null, isOne(history), sentence);
    if (checkExclusion(history) !== null) counts.exclusion++;
    if (checkFencing(history) !== null) counts.fencing++;
    if (checkOneToken(history) !== null) counts.token++;
  }
  for (const count of Object.values(counts)) {
    assert.ok(count > 1000 && count < 19_000, JSON.stringify(counts));
  }
});
