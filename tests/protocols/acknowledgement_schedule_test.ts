import assert from "node:assert/strict";
import {
  AcknowledgementSchedule,
  PATIENCE_MS,
} from "../../src/protocols/acknowledgement_schedule.ts";

const roundTrip = (ms: number) => () => ms;

Deno.test("what deliveries wait for is put off by a small share of the slowest round trip", () => {
  for (const [roundTripMs, delayMs] of [[0, 0], [20, 0], [64, 2], [300, 9.375], [2000, 10]]) {
    const schedule = new AcknowledgementSchedule(0);
    assert.equal(schedule.deadline, Infinity);
    schedule.accepted(100, roundTrip(roundTripMs!));
    assert.equal(schedule.deadline, 100 + delayMs!, `${roundTripMs} ms`);
    assert.equal(schedule.isForOrigins, false);
  }
});

Deno.test("later segments don't put it off further, and sixteen of them make it urgent", () => {
  const schedule = new AcknowledgementSchedule(0);
  for (let i = 0; i < 15; i++) schedule.accepted(100 + i, roundTrip(320));
  assert.equal(schedule.deadline, 110);
  schedule.accepted(105, roundTrip(320));
  assert.equal(schedule.deadline, -Infinity);
  schedule.told();
  assert.equal(schedule.deadline, Infinity);
  schedule.accepted(200, roundTrip(320));
  assert.equal(schedule.deadline, 210);
});

Deno.test("what no delivery waits for is put off as long, whatever comes, and goes to its origins", () => {
  const schedule = new AcknowledgementSchedule(PATIENCE_MS);
  for (let i = 0; i < 100; i++) schedule.accepted(100 + i, roundTrip(320));
  assert.equal(schedule.deadline, 100 + PATIENCE_MS);
  assert.ok(schedule.isForOrigins);
  schedule.hurry();
  assert.equal(schedule.deadline, -Infinity);
  assert.ok(!schedule.isForOrigins, "what is urgent is for everybody");
});
