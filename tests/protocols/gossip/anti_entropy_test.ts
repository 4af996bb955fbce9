import assert from "node:assert/strict";
import { AntiEntropy } from "../../../src/protocols/gossip/anti_entropy.ts";
import type { Rumor, RumorMessage } from "../../../src/protocols/gossip/messages.ts";
import { RumorStore } from "../../../src/protocols/gossip/rumor_store.ts";
import { SeenRumors } from "../../../src/protocols/gossip/seen_rumors.ts";
import { Random } from "../../../src/protocols/random.ts";

/** What one node has. */
class Side {
  readonly seen = new SeenRumors();
  readonly store = new RumorStore(10_000, 100_000_000);
  readonly antiEntropy: AntiEntropy;

  constructor(intervalMs: number | null = 10_000, seed = 1) {
    this.antiEntropy = new AntiEntropy(this.seen, this.store, intervalMs, new Random(seed), 0);
  }

  hear(origin: string, seq: number, text = "word"): void {
    this.take({ origin, run: 1, seq, text, wantsReceipt: false, hops: 1 });
  }

  /** Returns whether it is new. */
  take(rumor: Rumor): boolean {
    if (!this.seen.add(rumor)) return false;
    this.store.add(rumor);
    return true;
  }

  /** Somebody has answered that there is nothing. */
  answered(): void {
    const nothing = { type: "supply", rumors: [], isMore: false } as const;
    this.antiEntropy.supplied(nothing, false, 0, () => assert.fail("nothing is to be said"));
  }

  get list(): string[] {
    return [...this.store.all].map(({ origin, seq }) => `${origin}${seq}`).toSorted();
  }
}

/** Carries messages to and fro until there are none. Returns their types. */
function exchange(asking: Side, other: Side): string[] {
  const said: string[] = [];
  const queue: { to: Side; from: Side; message: RumorMessage }[] = [];
  const say = (from: Side, to: Side) => (message: RumorMessage) => {
    said.push(message.type);
    queue.push({ to, from, message });
  };
  say(asking, other)(asking.antiEntropy.question());
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { to, from, message } = next;
    if (message.type === "digest") to.antiEntropy.answer(message, 0, say(to, from));
    else if (message.type === "supply") {
      const isAnyNew = message.rumors.map((rumor) => to.take(rumor)).includes(true);
      to.antiEntropy.supplied(message, isAnyNew, 0, say(to, from));
    }
    assert.ok(said.length < 1000, "it comes to an end");
  }
  return said;
}

Deno.test("two who have the same say no more than that", () => {
  const [ada, bob] = [new Side(), new Side()];
  for (const side of [ada, bob]) side.hear("x", 1);
  assert.deepEqual(exchange(ada, bob), ["digest", "supply"]);
});

Deno.test("each gives the other what it lacks", () => {
  const [ada, bob] = [new Side(), new Side()];
  for (const seq of [1, 2, 4]) ada.hear("x", seq);
  for (const seq of [2, 3]) bob.hear("x", seq);
  bob.hear("y", 1);
  assert.deepEqual(exchange(ada, bob), ["digest", "supply", "digest", "supply"]);
  assert.deepEqual(ada.list, ["x1", "x2", "x3", "x4", "y1"]);
  assert.deepEqual(bob.list, ada.list);
});

Deno.test("thousands of rumors, and large ones, come in pieces, all of them", () => {
  const [ada, bob] = [new Side(), new Side()];
  for (let seq = 1; seq <= 2000; seq++) bob.hear("x", seq);
  for (let seq = 1; seq <= 5; seq++) bob.hear("y", seq, "z".repeat(100_000));
  const said = exchange(ada, bob);
  assert.ok(said.filter((type) => type === "supply").length >= 8, said.join(" "));
  assert.deepEqual(ada.list, bob.list);
});

Deno.test("what is kept no more can't be supplied, and is asked for in vain", () => {
  const [ada, bob] = [new Side(), new Side()];
  bob.seen.add({ origin: "x", run: 1, seq: 1 });
  bob.hear("x", 2);
  exchange(ada, bob);
  assert.deepEqual(ada.list, ["x2"]);
  assert.deepEqual(exchange(ada, bob), ["digest", "supply"]);
});

Deno.test("an exchange is due about every interval, with anybody", () => {
  const side = new Side(10_000);
  let last = 0;
  for (let i = 0; i < 100; i++) {
    const at = side.antiEntropy.deadline;
    assert.ok(at - last >= 5000 && at - last <= 15_000);
    assert.equal(side.antiEntropy.due(at - 0.001), null);
    assert.equal(side.antiEntropy.due(at), "anybody");
    side.answered();
    last = at;
  }
});

Deno.test("who has come is asked soon, one of them for all", () => {
  const side = new Side(10_000);
  side.antiEntropy.met("10.0.0.7:7001", 100);
  side.antiEntropy.met("10.0.0.8:7001", 100);
  const at = side.antiEntropy.deadline;
  assert.ok(at >= 100 && at <= 1100);
  assert.equal(side.antiEntropy.due(at), "10.0.0.7:7001");
  side.answered();
  assert.ok(side.antiEntropy.deadline >= at + 5000);
});

Deno.test("when rumors have come to rest exchanges come soon, and the next in its time", () => {
  const side = new Side(10_000);
  side.antiEntropy.settled(100);
  const at = side.antiEntropy.deadline;
  assert.ok(at >= 100 && at <= 1100);
  side.antiEntropy.settled(at - 0.5);
  assert.ok(side.antiEntropy.deadline <= at, "not later");
  for (let next = at, i = 0; i < 2; i++, next = side.antiEntropy.deadline) {
    assert.ok(next <= at + i * 1500, "soon");
    assert.equal(side.antiEntropy.due(next), "anybody");
    side.answered();
  }
  assert.ok(side.antiEntropy.deadline >= at + 5000, "and then in their time");
  const without = new Side(null);
  without.antiEntropy.settled(100);
  assert.equal(without.antiEntropy.deadline, Infinity);
});

Deno.test("a digest that nobody answers is followed by others, but not by many", () => {
  const side = new Side(10_000);
  const first = side.antiEntropy.deadline;
  let asked = 0;
  for (let now = first; now < first + 4500; now += 10) {
    if (side.antiEntropy.due(now) !== null) asked++;
  }
  assert.equal(asked, 4);
});

Deno.test("without an interval there are no exchanges", () => {
  const side = new Side(null);
  side.antiEntropy.met("10.0.0.7:7001", 100);
  assert.equal(side.antiEntropy.deadline, Infinity);
  assert.equal(side.antiEntropy.due(1e9), null);
});
