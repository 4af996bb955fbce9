import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import { EventQueue } from "../../src/simulator/event_queue.ts";

Deno.test("events come by time, and by order of entry among equals", () => {
  const random = new Random(1);
  const queue = new EventQueue<number>();
  const waiting: { time: number; entered: number }[] = [];
  for (let entered = 0; entered < 5000; entered++) {
    const time = random.below(40); // Few times, so that many are equal.
    queue.push(time, entered);
    waiting.push({ time, entered });
    if (!random.chance(0.6)) continue;
    // The reference: the first of the earliest, found by looking at them all.
    const first = waiting.reduce((a, b) => b.time < a.time ? b : a);
    assert.equal(queue.nextTime, first.time);
    assert.equal(queue.pop(), first.entered);
    waiting.splice(waiting.indexOf(first), 1);
  }
  assert.equal(queue.size, waiting.length);
  waiting.sort((a, b) => a.time - b.time || a.entered - b.entered);
  assert.deepEqual(waiting.map(() => queue.pop()), waiting.map(({ entered }) => entered));
});

Deno.test("an empty queue has nothing to give", () => {
  const queue = new EventQueue<string>();
  assert.equal(queue.nextTime, Infinity);
  assert.throws(() => queue.pop(), new RangeError("No event waits"));
  queue.push(3, "a");
  assert.equal(queue.pop(), "a");
  assert.deepEqual([queue.size, queue.nextTime], [0, Infinity]);
});
