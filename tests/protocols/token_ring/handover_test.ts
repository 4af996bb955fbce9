import assert from "node:assert/strict";
import { Handover } from "../../../src/protocols/token_ring/handover.ts";
import type { Token } from "../../../src/protocols/token_ring/messages.ts";

const TO = { node: 1, incarnation: 11, next: null };
const TOKEN: Token = {
  ...{ epoch: 3, sequence: 40, grants: 2, waiting: [] },
  view: { number: 1, members: [TO] },
};

function handover(patienceMs = 600): Handover {
  return new Handover(TOKEN, TO, patienceMs, 1000);
}

/** When it is sent again within a time, if somebody looks at each deadline. */
function resends(of: Handover, untilMs: number): number[] {
  const times: number[] = [];
  while (of.deadline < Math.min(of.endsAt, untilMs)) {
    const at = of.deadline;
    if (of.isDue(at)) times.push(at - 1000);
  }
  return times;
}

Deno.test("a token that is not acknowledged is sent again, at first soon and then less often", () => {
  assert.deepEqual(resends(handover(2000), 2000), [20, 60, 140, 300, 500, 700, 900]);
});

Deno.test("a token is due once for each time, and not before", () => {
  const sent = handover();
  assert.equal(sent.isDue(1019), false);
  assert.equal(sent.isDue(1020), true);
  assert.equal(sent.isDue(1020), false);
});

Deno.test("a process that slept sends it once, not for all times that it has missed", () => {
  const sent = handover(5000);
  assert.equal(sent.isDue(3000), true);
  assert.equal(sent.isDue(3000), false);
  assert.ok(sent.deadline > 3000);
});

Deno.test("it is given up when its patience is over, and that is a deadline", () => {
  const sent = handover(30);
  assert.equal(sent.endsAt, 1030);
  sent.isDue(1020);
  assert.equal(sent.deadline, 1030);
});

Deno.test("the receiver's acknowledgement, or any later sign of the token, ends it", () => {
  const sent = handover();
  assert.equal(sent.isDone(3, 39), false);
  assert.equal(sent.isDone(3, 40), true);
  assert.equal(sent.isDone(3, 45), true);
  assert.equal(sent.isDone(4, 1), true, "a new epoch");
  assert.equal(sent.isDone(2, 99), false, "an old one says nothing");
});
