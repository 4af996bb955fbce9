import assert from "node:assert/strict";
import fc from "fast-check";
import { LockQueue } from "../../../src/protocols/token_ring/lock_queue.ts";

function queueOf(...requests: number[]): LockQueue {
  const queue = new LockQueue();
  for (const request of requests) queue.add(request);
  return queue;
}

Deno.test("nobody is served before the token comes", () => {
  const queue = queueOf(1, 2);
  assert.equal(queue.next, null);
  assert.equal(queue.isEmpty, false);
  assert.equal(queue.size, 2);
});

Deno.test("all that wait when the token comes are served in their order, and no later ones", () => {
  const queue = queueOf(1, 2);
  queue.serveAll();
  queue.add(3);
  assert.equal(queue.take(), 1);
  assert.equal(queue.next, 2);
  assert.equal(queue.take(), 2);
  assert.equal(queue.next, null, "3 waits for the next visit");
  assert.ok(queue.has(3));
  queue.serveAll();
  assert.equal(queue.take(), 3);
  assert.ok(queue.isEmpty);
});

Deno.test("a request that is withdrawn makes room for none that came later", () => {
  const queue = queueOf(1, 2, 3);
  queue.serveAll();
  queue.add(4);
  queue.remove(2);
  assert.deepEqual([queue.take(), queue.take()], [1, 3]);
  assert.equal(queue.next, null);
  queue.remove(4);
  assert.ok(queue.isEmpty);
});

Deno.test("to withdraw a later request takes nobody's turn away", () => {
  const queue = queueOf(1, 2);
  queue.serveAll();
  queue.add(3);
  queue.remove(3);
  queue.remove(99);
  assert.deepEqual([queue.take(), queue.take(), queue.next], [1, 2, null]);
});

Deno.test("who clears the queue gets all that waited", () => {
  const queue = queueOf(1, 2);
  queue.serveAll();
  queue.add(3);
  assert.deepEqual(queue.clear(), [1, 2, 3]);
  assert.equal(queue.next, null);
  queue.add(4);
  assert.equal(queue.next, null, "no turn is left over");
});

Deno.test("whatever is asked and withdrawn, each visit serves those who waited at its beginning", () => {
  const steps = fc.array(fc.constantFrom("add", "remove", "take", "visit"), { maxLength: 60 });
  fc.assert(fc.property(steps, fc.infiniteStream(fc.nat()), (all, picks) => {
    const queue = new LockQueue();
    const waiting: number[] = [];
    let turns: number[] = [];
    let requests = 0;
    for (const step of all) {
      if (step === "add") {
        waiting.push(++requests);
        queue.add(requests);
      } else if (step === "visit") {
        turns = [...waiting];
        queue.serveAll();
      } else if (step === "remove" && waiting.length > 0) {
        const request = waiting[picks.next().value! % waiting.length]!;
        waiting.splice(waiting.indexOf(request), 1);
        turns = turns.filter((each) => each !== request);
        queue.remove(request);
      } else if (step === "take" && turns.length > 0) {
        assert.equal(queue.take(), turns[0]);
        waiting.shift();
        turns.shift();
      }
      assert.equal(queue.next, turns[0] ?? null);
      assert.equal(queue.size, waiting.length);
    }
  }));
});
