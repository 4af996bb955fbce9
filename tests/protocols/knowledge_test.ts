import assert from "node:assert/strict";
import fc from "fast-check";
import { Knowledge } from "../../src/protocols/knowledge.ts";

Deno.test("what a process has multicast or accepted is in its own vector", () => {
  const knowledge = new Knowledge(0, 3);
  knowledge.multicasted(1);
  knowledge.multicasted(2);
  knowledge.accept(2, 1, 10);
  assert.deepEqual([...knowledge.own], [2, 0, 1]);
});

Deno.test("an origin has its own segments, without saying so", () => {
  const knowledge = new Knowledge(0, 3);
  assert.ok(knowledge.has(1, 1, 5));
  assert.equal(knowledge.has(2, 1, 5), false);
});

Deno.test("a segment is stable when all others are known to have it", () => {
  const knowledge = new Knowledge(0, 3);
  for (let seq = 1; seq <= 5; seq++) knowledge.multicasted(seq);
  assert.equal(knowledge.stable(0), 0);
  knowledge.learn(1, Uint32Array.of(4, 0, 0), 0, 0);
  assert.equal(knowledge.stable(0), 0);
  knowledge.learn(2, Uint32Array.of(3, 0, 0), 0, 0);
  assert.equal(knowledge.stable(0), 3);
});

Deno.test("an older vector that comes late takes nothing back", () => {
  const knowledge = new Knowledge(0, 3);
  knowledge.learn(1, Uint32Array.of(4, 2, 7), 2, 20);
  knowledge.learn(1, Uint32Array.of(3, 1, 9), 1, 15);
  assert.equal(knowledge.acknowledged(1, 0), 4);
  assert.equal(knowledge.acknowledged(1, 2), 9);
});

Deno.test("what is learnt is news only if something in it is higher than all before", () => {
  const knowledge = new Knowledge(0, 3);
  const learn = (acks: number[], sent: number, clock: number) =>
    knowledge.learn(1, Uint32Array.from(acks), sent, clock);
  assert.ok(learn([1, 2, 0], 2, 20));
  assert.equal(learn([1, 2, 0], 2, 20), false, "the same again");
  assert.equal(learn([0, 1, 0], 1, 10), false, "an older one");
  assert.ok(learn([1, 2, 0], 2, 21), "a later clock");
  assert.ok(learn([1, 2, 1], 2, 21), "one more acknowledgement");
  assert.equal(learn([1, 2, 1], 2, 20), false);
});

Deno.test("an acknowledgement before its data doesn't count for order", () => {
  // q's frame overtakes q's earlier segment, which may have a lower stamp.
  const knowledge = new Knowledge(0, 2);
  knowledge.learn(1, Uint32Array.of(0, 1), 1, 30);
  knowledge.settle(1);
  assert.equal(knowledge.isPast(1, 1), false);
  knowledge.accept(1, 1, 12);
  assert.ok(knowledge.isPast(1, 12), "the segment itself shows that its sender is past its stamp");
  assert.equal(knowledge.isPast(1, 13), false);
  knowledge.settle(1);
  assert.ok(knowledge.isPast(1, 30));
  assert.equal(knowledge.isPast(1, 31), false);
});

Deno.test("a clock counts at once where everything before it is here", () => {
  const knowledge = new Knowledge(0, 2);
  knowledge.accept(1, 1, 12);
  knowledge.learn(1, Uint32Array.of(0, 1), 2, 40);
  knowledge.learn(1, Uint32Array.of(0, 1), 1, 15); // Sent earlier, came later.
  assert.ok(knowledge.isPast(1, 15));
  assert.equal(knowledge.isPast(1, 40), false);
});

Deno.test("a group of one is past everything and has everything", () => {
  const knowledge = new Knowledge(0, 1);
  knowledge.multicasted(1);
  assert.equal(knowledge.allPast(), Infinity);
  assert.equal(knowledge.stable(0), 1);
});

// --- against a naive matrix, in a history that can happen

/** What is told of a sender's state when it sends a frame. */
interface Said {
  readonly acks: Uint32Array;
  readonly sent: number;
  readonly clock: number;
}

/** A sender that stamps its segments and says what it knows, as the protocol has it. */
class Sender {
  readonly stamps: number[] = [];
  readonly said: Said[] = [];
  readonly #acks: Uint32Array;
  #clock = 0;

  constructor(size: number) {
    this.#acks = new Uint32Array(size);
  }

  multicast(elapsed: number): void {
    this.#clock += elapsed;
    this.stamps.push(this.#clock);
  }

  say(self: number, elapsed: number, acknowledged: number): void {
    this.#clock += elapsed;
    this.#acks[self] = this.stamps.length;
    const other = acknowledged % this.#acks.length;
    if (other !== self) this.#acks[other]! += acknowledged % 3;
    this.said.push({
      acks: this.#acks.slice(),
      sent: this.stamps.length,
      clock: this.#clock,
    });
  }
}

/** Remembers everything and works each answer out anew. */
class NaiveKnowledge {
  readonly #heard: { from: number; said: Said }[] = [];
  readonly #accepted: number[];

  constructor(readonly self: number, readonly size: number, readonly senders: Sender[]) {
    this.#accepted = new Array(size).fill(0);
  }

  hear(from: number, said: Said): void {
    this.#heard.push({ from, said });
  }

  accept(from: number): void {
    this.#accepted[from]!++;
  }

  acknowledged(q: number, p: number): number {
    if (q === this.self) return this.#accepted[p]!;
    const values = this.#heard.flatMap(({ from, said }) => from === q ? [said.acks[p]!] : []);
    return Math.max(0, ...values);
  }

  /** The stamp of the last segment of q that was accepted. */
  lastStamp(q: number): number {
    return this.senders[q]!.stamps[this.#accepted[q]! - 1] ?? 0;
  }

  /** The best clock of q with all segments before it accepted, or the last accepted stamp. */
  past(q: number): number {
    if (q === this.self) return Infinity;
    const clocks = this.#heard.flatMap(({ from, said }) =>
      from === q && said.sent <= this.#accepted[q]! ? [said.clock] : []
    );
    return Math.max(0, ...clocks, this.lastStamp(q));
  }

  /** Is everything here that was sent before the latest frame heard of q? */
  isComplete(q: number): boolean {
    return this.#heard.every(({ from, said }) => from !== q || said.sent <= this.#accepted[q]!);
  }

  stable(p: number): number {
    const others = [...Array(this.size).keys()].filter((q) => q !== p);
    return Math.min(...others.map((q) => this.acknowledged(q, p)));
  }
}

Deno.test("knowledge is what a naive matrix would say, in whatever order frames come", () => {
  const SIZE = 4;
  const SELF = 1;
  const step = fc.record({
    act: fc.constantFrom("multicast", "say", "say", "hear", "hear", "accept"),
    process: fc.nat(SIZE - 1).filter((p) => p !== SELF),
    elapsed: fc.integer({ min: 1, max: 4 }),
    pick: fc.nat(1000),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
    const senders = Array.from({ length: SIZE }, () => new Sender(SIZE));
    const knowledge = new Knowledge(SELF, SIZE);
    const naive = new NaiveKnowledge(SELF, SIZE, senders);
    for (const { act, process, elapsed, pick } of steps) {
      const { stamps, said } = senders[process]!;
      const received = knowledge.own[process]!;
      if (act === "multicast") senders[process]!.multicast(elapsed);
      else if (act === "say") senders[process]!.say(process, elapsed - 1, pick);
      else if (act === "accept" && received < stamps.length) {
        knowledge.accept(process, received + 1, stamps[received]!);
        knowledge.settle(process);
        naive.accept(process);
      } else if (act === "hear" && said.length > 0) {
        // Mostly a late one, sometimes an old one, sometimes one again.
        const heard = said[Math.max(0, said.length - 1 - pick % 4)]!;
        knowledge.learn(process, heard.acks, heard.sent, heard.clock);
        knowledge.settle(process);
        naive.hear(process, heard);
      }
      assertSame(knowledge, naive);
    }
  }));

  function assertSame(knowledge: Knowledge, naive: NaiveKnowledge): void {
    const pasts: number[] = [];
    for (let q = 0; q < SIZE; q++) {
      for (let p = 0; p < SIZE; p++) {
        if (q === p) continue; // What an origin has of itself is never asked.
        const acknowledged = naive.acknowledged(q, p);
        assert.equal(knowledge.acknowledged(q, p), acknowledged);
        assert.ok(acknowledged === 0 || knowledge.has(q, p, acknowledged));
        assert.equal(knowledge.has(q, p, acknowledged + 1), false);
      }
      assert.equal(knowledge.stable(q), naive.stable(q));
      if (q === SELF) continue;
      // Of several clocks that can't count yet, only the latest is kept: in between, the process is
      // not known to be quite as far as it is. It is never taken to be further.
      const past = naive.past(q);
      assert.ok(knowledge.isPast(q, naive.isComplete(q) ? past : naive.lastStamp(q)));
      assert.equal(knowledge.isPast(q, past + 1), false);
      pasts.push(past);
    }
    assert.ok(knowledge.allPast() <= Math.min(...pasts));
  }
});
