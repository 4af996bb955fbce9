import assert from "node:assert/strict";
import { MAX_SEQ } from "../../src/protocols/frame.ts";
import { VectorClock } from "../../src/protocols/vector_clock.ts";

Deno.test("at first nothing has been delivered of anybody", () => {
  const clock = new VectorClock(3);
  for (const p of [0, 1, 2]) {
    assert.equal(clock.at(p), 0);
    assert.ok(clock.covers(p, 0) && !clock.covers(p, 1));
  }
});

Deno.test("an entry covers its segment and all before it, and no other process's", () => {
  const clock = new VectorClock(3);
  clock.advance(1, 4);
  assert.deepEqual([0, 1, 2].map((p) => clock.at(p)), [0, 4, 0]);
  assert.ok(clock.covers(1, 1) && clock.covers(1, 4) && !clock.covers(1, 5));
  assert.ok(!clock.covers(0, 1) && !clock.covers(2, 1));
});

Deno.test("an entry holds the highest number that a segment may have", () => {
  const clock = new VectorClock(1);
  clock.advance(0, MAX_SEQ);
  assert.ok(clock.covers(0, MAX_SEQ));
});
