import assert from "node:assert/strict";
import { PunctualClock } from "../../../src/protocols/gossip/punctual_clock.ts";

Deno.test("for who is punctual, or nearly, it is the host's time", () => {
  const clock = new PunctualClock(100, 50, 1000);
  for (const now of [1000, 1090, 1280, 1470]) {
    assert.equal(clock.at(now), now);
    assert.equal(clock.isReading(now), false);
    assert.equal(clock.when(now + 100), now + 100);
    clock.expect(now + 100);
  }
});

Deno.test("being late doesn't count, and what has come is read first", () => {
  const clock = new PunctualClock(100, 50, 0);
  clock.at(0);
  clock.expect(200);
  assert.equal(clock.at(3200), 200, "3000 ms were lost");
  assert.equal(clock.isReading(3200), true);
  assert.equal(clock.when(200), 3250);
  assert.equal(clock.when(400), 3400);
  clock.expect(3250);
  assert.equal(clock.at(3250), 250);
  assert.equal(clock.isReading(3250), false);
});

Deno.test("who is always late still goes on", () => {
  const clock = new PunctualClock(100, 50, 0);
  let due = 200;
  let done = 0;
  clock.expect(clock.when(due));
  for (let now = 0; done < 5; now += 500) {
    assert.ok(now < 20_000);
    const time = clock.at(now);
    if (!clock.isReading(now) && time >= due) {
      done++;
      due = time + 200;
    }
    clock.expect(clock.when(due));
  }
});

Deno.test("a call before it is expected is not late, however long nothing was called", () => {
  const clock = new PunctualClock(100, 50, 0);
  clock.expect(Infinity);
  assert.equal(clock.at(100_000), 100_000);
  clock.expect(50_000);
  assert.equal(clock.at(100_050), 100_050, "it could not be called before it was told to");
});

Deno.test("rounding never makes the host call too early", () => {
  const clock = new PunctualClock(100, 50, 0);
  clock.expect(0.1);
  clock.at(1e9 / 7);
  for (let i = 1; i < 2000; i++) {
    const due = i / 3;
    clock.expect(Infinity);
    assert.ok(clock.at(clock.when(due)) >= due);
  }
});
