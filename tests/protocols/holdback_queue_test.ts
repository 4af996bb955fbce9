import assert from "node:assert/strict";
import fc from "fast-check";
import { HoldbackQueue } from "../../src/protocols/holdback_queue.ts";

interface Held {
  readonly sender: number;
  readonly seq: number;
  readonly time: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

function push(queue: HoldbackQueue, held: Held): void {
  queue.push(held.sender, held.seq, held.time, held.kind, held.payload);
}

/** Takes the head out, with all that the queue says about it. */
function take(queue: HoldbackQueue): Held | null {
  const sender = queue.head();
  if (sender === -1) return null;
  const held = {
    sender,
    seq: queue.seqOf(sender),
    time: queue.timeOf(sender),
    kind: queue.kindOf(sender),
    payload: queue.payloadOf(sender),
  };
  queue.pop(sender);
  return held;
}

function held(sender: number, seq: number, time: number): Held {
  return { sender, seq, time, kind: seq % 3, payload: Uint8Array.of(sender, seq) };
}

Deno.test("an empty queue has no head", () => {
  const queue = new HoldbackQueue(3, 64);
  assert.equal(queue.head(), -1);
  assert.equal(queue.count(1), 0);
  assert.equal(queue.timeOf(1), Infinity);
});

Deno.test("the lowest stamp is the head, whatever came first", () => {
  const queue = new HoldbackQueue(3, 64);
  const [a, b, c] = [held(2, 1, 5), held(0, 1, 9), held(1, 1, 7)];
  for (const one of [a, b, c]) push(queue, one);
  assert.deepEqual([take(queue), take(queue), take(queue), take(queue)], [a, c, b, null]);
});

Deno.test("equal times are told apart by process, as in Lamport's relation ⇒", () => {
  // Lamport 1978, "Ordering the Events Totally": ties are broken by an arbitrary total order of
  // the processes.
  const queue = new HoldbackQueue(3, 64);
  for (const sender of [2, 0, 1]) push(queue, held(sender, 1, 4));
  assert.deepEqual([0, 1, 2].map(() => take(queue)!.sender), [0, 1, 2]);
});

Deno.test("a stream that was empty may begin anywhere again", () => {
  const queue = new HoldbackQueue(2, 64);
  push(queue, held(1, 1, 3));
  assert.deepEqual(take(queue), held(1, 1, 3));
  push(queue, held(1, 2, 8));
  assert.equal(queue.seqOf(1), 2);
  assert.deepEqual(take(queue), held(1, 2, 8));
});

Deno.test("there is room for the limit, of each process by itself", () => {
  const queue = new HoldbackQueue(2, 128);
  for (let seq = 1; seq <= 128; seq++) {
    assert.ok(queue.room(0) > 0);
    push(queue, held(0, seq, seq));
  }
  assert.equal(queue.room(0), 0);
  assert.equal(queue.room(1), queue.limit);
  assert.throws(() => push(queue, held(0, 129, 129)), RangeError);
  queue.pop(0);
  assert.equal(queue.room(0), 1);
  push(queue, held(0, 129, 129));
  assert.equal(queue.count(0), 128);
});

Deno.test("segments leave as if they had been sorted by time and process", () => {
  const SIZE = 5;
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ sender: fc.nat(SIZE - 1), elapsed: fc.integer({ min: 1, max: 5 }) }),
    },
    { weight: 2, arbitrary: fc.constant(null) }, // take the head out
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
    const queue = new HoldbackQueue(SIZE, 512);
    const latest = Array.from({ length: SIZE }, () => ({ seq: 0, time: 0 }));
    const model: Held[] = [];
    const lowest = () => {
      model.sort((a, b) => a.time - b.time || a.sender - b.sender);
      return model.shift() ?? null;
    };
    for (const step of steps) {
      if (step === null) {
        assert.deepEqual(take(queue), lowest());
      } else {
        const last = latest[step.sender]!;
        const next = held(step.sender, ++last.seq, last.time += step.elapsed);
        push(queue, next);
        model.push(next);
      }
      for (let p = 0; p < SIZE; p++) {
        assert.equal(queue.count(p), model.filter(({ sender }) => sender === p).length);
      }
    }
    while (model.length > 0) assert.deepEqual(take(queue), lowest());
    assert.equal(queue.head(), -1);
  }));
});
