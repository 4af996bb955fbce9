import assert from "node:assert/strict";
import fc from "fast-check";
import { SegmentQueue } from "../../src/protocols/segment_queue.ts";

const payloadOf = (seq: number) => Uint8Array.of(seq % 251);

Deno.test("what was put in first comes out first, with all that belongs to it", () => {
  const queue = new SegmentQueue(8);
  queue.push(1, 10, 0, payloadOf(1));
  queue.push(2, 20, 3, payloadOf(2));
  assert.deepEqual([queue.count, queue.room, queue.seq, queue.lastSeq], [2, 6, 1, 2]);
  assert.deepEqual([queue.time, queue.kind, queue.payload], [10, 0, payloadOf(1)]);
  queue.pop();
  assert.deepEqual([queue.time, queue.kind, queue.payload], [20, 3, payloadOf(2)]);
});

Deno.test("an empty queue knows the last segment that went through it", () => {
  const queue = new SegmentQueue(8);
  assert.equal(queue.lastSeq, 0);
  queue.push(1, 0, 0, payloadOf(1));
  queue.push(2, 0, 0, payloadOf(2));
  queue.pop();
  assert.equal(queue.lastSeq, 2);
  queue.pop();
  assert.deepEqual([queue.count, queue.lastSeq], [0, 2]);
});

Deno.test("an empty queue goes on with any number", () => {
  const queue = new SegmentQueue(4);
  queue.push(7, 0, 0, payloadOf(7));
  queue.pop();
  queue.push(9, 0, 0, payloadOf(9));
  assert.deepEqual([queue.seq, queue.lastSeq, queue.payload], [9, 9, payloadOf(9)]);
});

Deno.test("a queue of any limit is a list, whatever goes in and out", () => {
  for (const limit of [1, 4, 64, 256]) {
    for (const start of [1, 2 ** 31 - 5, 2 ** 32 - 2000]) {
      fc.assert(
        fc.property(fc.array(fc.boolean(), { maxLength: 600 }), (steps) => {
          const queue = new SegmentQueue(limit);
          const list: number[] = [];
          let next = start;
          for (const isPush of steps) {
            if (isPush && list.length < limit) {
              queue.push(next, next * 2, next % 4, payloadOf(next));
              list.push(next++);
            } else if (!isPush && list.length > 0) {
              queue.pop();
              list.shift();
            }
            assert.deepEqual([queue.count, queue.room], [list.length, limit - list.length]);
            if (list.length === 0) continue;
            const head = list[0]!;
            assert.deepEqual([queue.seq, queue.lastSeq], [head, list.at(-1)]);
            assert.deepEqual([queue.time, queue.kind], [head * 2, head % 4]);
            assert.deepEqual(queue.payload, payloadOf(head));
          }
        }),
        { numRuns: 20 },
      );
    }
  }
});
