import assert from "node:assert/strict";

import fc from "fast-check";

import { DueQueue } from "../../src/hosts/due_queue.ts";

interface Item {
  readonly due: number;
  readonly index: number;
}

/** Few different points in time, so that many are equal. */
const due = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true }));

Deno.test("items come out in the order of a stable sort", () => {
  fc.assert(fc.property(fc.array(due, { maxLength: 200 }), (dues) => {
    const items = dues.map((due, index) => ({ due, index }));
    const queue = new DueQueue<Item>();
    for (const item of items) queue.push(item.due, item);
    const out = Array.from({ length: items.length }, () => queue.pop());
    assert.deepEqual(out, items.toSorted(compare));
    assert.equal(queue.pop(), undefined);
  }));
});

Deno.test("pushes and pops in any mixture match a list that is sorted each time", () => {
  const step = fc.oneof({ weight: 3, arbitrary: due }, { weight: 2, arbitrary: fc.constant(null) });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const queue = new DueQueue<Item>();
    let list: Item[] = [];
    for (const [index, due] of steps.entries()) {
      if (due === null) {
        assert.equal(queue.pop(), list.shift());
      } else {
        const item = { due, index };
        queue.push(due, item);
        list = [...list, item].sort(compare);
      }
      assert.equal(queue.size, list.length);
      assert.ok(queue.nextDue === (list[0]?.due ?? Infinity));
    }
  }));
});

Deno.test("a cleared queue is empty and goes on working", () => {
  const queue = new DueQueue<string>();
  queue.push(1, "thrown away");
  queue.clear();
  assert.equal(queue.size, 0);
  assert.equal(queue.nextDue, Infinity);
  assert.equal(queue.pop(), undefined);
  queue.push(2, "kept");
  assert.equal(queue.pop(), "kept");
});

Deno.test("an item that is due at no point in time is a broken invariant", () => {
  assert.throws(() => new DueQueue<number>().push(NaN, 1), { name: "BrokenInvariant" });
});

function compare(a: Item, b: Item): number {
  return a.due === b.due ? a.index - b.index : a.due < b.due ? -1 : 1;
}
