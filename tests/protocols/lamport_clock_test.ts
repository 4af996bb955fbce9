import assert from "node:assert/strict";
import fc from "fast-check";
import { LamportClock } from "../../src/protocols/lamport_clock.ts";

Deno.test("IR1: each process increments its clock between any two successive events", () => {
  // Lamport 1978, "Logical Clocks", implementation rule IR1.
  const clock = new LamportClock();
  assert.equal(clock.time, 0);
  assert.deepEqual([clock.tick(), clock.tick(), clock.tick()], [1, 2, 3]);
  assert.equal(clock.time, 3);
});

Deno.test("IR2: a receipt is later than the message's stamp and than all before it", () => {
  // Lamport 1978, "Logical Clocks", implementation rule IR2(b).
  const clock = new LamportClock();
  assert.equal(clock.merge(7), 8, "a stamp ahead of the clock sets it forward");
  assert.equal(clock.merge(3), 9, "a stamp behind the clock doesn't set it back");
  assert.equal(clock.merge(9), 10, "nor does one that equals it stop it");
  assert.equal(clock.tick(), 11);
});

Deno.test("the clock condition: what can have caused an event has a lower time", () => {
  // Lamport 1978, "Logical Clocks": for any events a, b: if a → b then C(a) < C(b).
  type Step = { kind: "local" | "send" | "receive"; process: number; pick: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom("local", "send", "receive"),
    process: fc.nat(3),
    pick: fc.nat(1000),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
    const clocks = Array.from({ length: 4 }, () => new LamportClock());
    /** The times of all events before the latest one of each process, by "happened before". */
    const pasts: Set<number>[] = Array.from({ length: 4 }, () => new Set());
    const messages: { time: number; past: Set<number> }[] = [];
    for (const { kind, process, pick } of steps) {
      const clock = clocks[process]!;
      const past = pasts[process]!;
      let time: number;
      if (kind === "receive" && messages.length > 0) {
        const message = messages[pick % messages.length]!;
        time = clock.merge(message.time);
        for (const cause of message.past) past.add(cause);
      } else {
        time = clock.tick();
      }
      for (const cause of past) assert.ok(cause < time, `${cause} happened before ${time}`);
      past.add(time);
      if (kind === "send") messages.push({ time, past: new Set(past) });
    }
  }));
});
