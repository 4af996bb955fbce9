import assert from "node:assert/strict";
import fc from "fast-check";
import { Workload, type WorkloadOptions } from "../../src/hosts/workload.ts";

const OPTIONS: WorkloadOptions = {
  seed: 1,
  process: 0,
  messages: 100,
  intervalMinMs: 5,
  intervalMaxMs: 20,
  outstanding: null,
};

/** When each message is due, for a process that is always in time. */
function schedule(options: Partial<WorkloadOptions> = {}): number[] {
  const workload = new Workload({ ...OPTIONS, ...options });
  workload.begin(0);
  const times: number[] = [];
  while (workload.left > 0) {
    times.push(workload.nextAt);
    workload.take(workload.nextAt);
  }
  return times;
}

function pauses(times: readonly number[]): number[] {
  return times.map((time, i) => time - (times[i - 1] ?? 0));
}

Deno.test("nothing is due before the group is ready, and nothing after the last message", () => {
  const workload = new Workload({ ...OPTIONS, messages: 2 });
  assert.equal(workload.nextAt, Infinity);
  workload.begin(1000);
  assert.ok(workload.nextAt >= 1005 && workload.nextAt <= 1020);
  workload.take(1020);
  assert.equal(workload.left, 1);
  assert.ok(workload.nextAt < Infinity);
  workload.take(1040);
  assert.equal(workload.left, 0);
  assert.equal(workload.nextAt, Infinity);
});

Deno.test("zero messages are never due", () => {
  const workload = new Workload({ ...OPTIONS, messages: 0 });
  workload.begin(0);
  assert.equal(workload.left, 0);
  assert.equal(workload.nextAt, Infinity);
});

Deno.test("each pause lies in its range, and they fill it", () => {
  const all = pauses(schedule({ messages: 2000 }));
  assert.equal(all.length, 2000);
  assert.ok(all.every((pause) => pause > 5 - 1e-6 && pause < 20 + 1e-6));
  const mean = all.reduce((sum, pause) => sum + pause) / all.length;
  // The mean of 2000 pauses has a deviation of 0.1 ms.
  assert.ok(Math.abs(mean - 12.5) < 0.6, `mean pause ${mean} ms`);
  assert.ok(Math.min(...all) < 5.2 && Math.max(...all) > 19.8);
});

Deno.test("a seed and a process always have the same schedule, and no other has it", () => {
  assert.deepEqual(schedule(), schedule());
  const different = [schedule(), schedule({ seed: 2 }), schedule({ process: 1 })];
  assert.equal(new Set(different.map((times) => times[0])).size, 3);
});

Deno.test("a fixed interval is kept exactly, and without one all is due at once", () => {
  const fixed = schedule({ messages: 5, intervalMinMs: 10, intervalMaxMs: 10 });
  assert.deepEqual(fixed, [10, 20, 30, 40, 50]);
  assert.deepEqual(schedule({ messages: 3, intervalMinMs: 0, intervalMaxMs: 0 }), [0, 0, 0]);
});

Deno.test("a short delay is made good: the mean rate stays", () => {
  const workload = new Workload({ ...OPTIONS, intervalMinMs: 10, intervalMaxMs: 10 });
  workload.begin(0);
  workload.take(40); // due at 10
  assert.equal(workload.nextAt, 20);
  workload.take(40);
  assert.equal(workload.nextAt, 30);
});

Deno.test("after a long pause no burst follows that makes good for more than 50 ms", () => {
  const workload = new Workload({ ...OPTIONS, intervalMinMs: 10, intervalMaxMs: 10 });
  workload.begin(0);
  let burst = 0;
  for (; workload.nextAt <= 10_000; burst++) workload.take(10_000);
  assert.equal(burst, 6);
});

Deno.test("a schedule never asks for more than was ordered, however late the process is", () => {
  const delays = fc.infiniteStream(fc.nat(200));
  fc.assert(fc.property(fc.nat(30), delays, (messages, lateness) => {
    const workload = new Workload({ ...OPTIONS, messages });
    workload.begin(0);
    let taken = 0;
    let now = 0;
    while (workload.nextAt < Infinity) {
      now = Math.max(now, workload.nextAt) + lateness.next().value!;
      workload.take(now);
      taken++;
    }
    assert.equal(taken, messages);
    assert.equal(workload.left, 0);
  }));
});

Deno.test("with a limit, nothing is due while so many own messages are not delivered", () => {
  const limited = { messages: 4, intervalMinMs: 0, intervalMaxMs: 0, outstanding: 2 };
  const workload = new Workload({ ...OPTIONS, ...limited });
  workload.begin(0);
  workload.take(0);
  assert.equal(workload.nextAt, 0);
  workload.take(0);
  assert.equal(workload.nextAt, Infinity);
  assert.equal(workload.left, 2);
  workload.delivered();
  assert.equal(workload.nextAt, 0);
  workload.take(7);
  assert.equal(workload.nextAt, Infinity);
});

Deno.test("a limit leaves the schedule of a process alone that is never up to it", () => {
  const times = (outstanding: number | null) => {
    const workload = new Workload({ ...OPTIONS, outstanding });
    workload.begin(0);
    return Array.from({ length: OPTIONS.messages }, () => {
      const time = workload.nextAt;
      workload.take(time);
      workload.delivered();
      return time;
    });
  };
  assert.deepEqual(times(1), times(null));
});
