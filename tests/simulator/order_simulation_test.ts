import assert from "node:assert/strict";
import { NO_FAULTS } from "../../src/simulator/faults.ts";
import {
  OrderSimulation,
  simulateOrder,
  type SimulationOptions,
  type SimulationResult,
} from "../../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../../src/simulator/swarm.ts";
import { findViolations } from "../../src/cli/judge_simulation.ts";

const CALM: SimulationOptions = {
  seed: 1,
  order: "lamport",
  processes: 3,
  messages: 20,
  intervalMinMs: 0,
  intervalMaxMs: 20,
  payloadBytes: 20,
  maxDatagramBytes: 1400,
  faults: NO_FAULTS,
  links: null,
  faultPeriodMs: 1000,
  livenessMs: 60_000,
};

/** Everything that a run leaves behind, in a form that can be compared. */
function everything(result: SimulationResult) {
  const { run, ...rest } = result;
  return { ...rest, journals: [...run.journals.values()].map((journal) => journal.columns()) };
}

Deno.test("the same seed does the same twice, another seed does something else", () => {
  for (const order of ["lamport", "none"] as const) {
    const hashes = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const options = drawSwarmRun(seed, order);
      const result = simulateOrder(options);
      assert.deepEqual(everything(simulateOrder(options)), everything(result));
      hashes.add(result.traceHash);
    }
    assert.equal(hashes.size, 30);
  }
});

Deno.test("how a run is cut into pieces makes no difference", () => {
  const options = drawSwarmRun(4, "lamport");
  const whole = simulateOrder(options);
  const pieces = new OrderSimulation(options);
  let events = 0;
  while (!pieces.advance(1)) events++;
  assert.deepEqual(everything(pieces.result()), everything(whole));
  assert.ok(events > 100 && events < whole.events);
  assert.equal(pieces.advance(1000), true, "nothing happens after the end");
  assert.equal(pieces.result().events, whole.events);
});

Deno.test("runs beside each other don't disturb each other", () => {
  const options = [drawSwarmRun(8, "lamport"), drawSwarmRun(9, "none")];
  const alone = options.map((each) => simulateOrder(each).traceHash);
  const worlds = options.map((each) => new OrderSimulation(each));
  for (let isAny = true; isAny;) isAny = worlds.filter((world) => !world.advance(7)).length > 0;
  assert.deepEqual(worlds.map((world) => world.result().traceHash), alone);
});

Deno.test("on a good network all is delivered at once, and nothing goes wrong", () => {
  const result = simulateOrder(CALM);
  assert.deepEqual(findViolations("lamport", result), []);
  assert.deepEqual(result.unfinished, []);
  assert.ok(Object.values(result.faults).every((count) => count === 0));
  assert.ok(result.virtualMs < 20 * 20 + 500, `it took ${result.virtualMs} ms`);
  for (const journal of result.run.journals.values()) {
    const { kind } = journal.columns();
    assert.equal(kind.filter((each) => each === 2).length, 60, "3 processes, 20 messages each");
  }
});

for (
  const [name, faults, counts] of [
    ["loss happens", { lossRate: 0.2 }, ["lost"]],
    ["duplication happens", { duplicateRate: 0.3 }, ["duplicated"]],
    ["reordering happens", { reorderRate: 0.3 }, ["reordered"]],
    ["overtaking by an exponential tail happens", { delayMeanMs: 50 }, ["reordered"]],
    ["clogging happens", { clogs: 4 }, ["clogged"]],
    ["partitioning happens", { partitions: 4 }, ["partitions", "cut"]],
    ["pausing happens", { pauses: 4 }, ["paused"]],
    ["overflow at a slow receiver happens", { slow: 1, slowMs: 20, bufferBytes: 500 }, [
      "overflowed",
    ]],
  ] as const
) {
  Deno.test(`${name}, is counted, and breaks nothing`, () => {
    const result = simulateOrder({ ...CALM, messages: 100, faults: { ...NO_FAULTS, ...faults } });
    for (const count of counts) assert.ok(result.faults[count] > 0, count);
    assert.deepEqual(findViolations("lamport", result), []);
    assert.deepEqual(result.unfinished, []);
  });
}

Deno.test("after a crash nothing wrong is delivered, and who waits for the dead is excused", () => {
  let stuck = 0;
  for (let seed = 0; seed < 10; seed++) {
    const faults = { ...NO_FAULTS, crashes: 1 };
    const result = simulateOrder({ ...CALM, seed, faultPeriodMs: 200, livenessMs: 2000, faults });
    assert.deepEqual([result.crashed.size, result.faults.crashed], [1, 1]);
    assert.deepEqual(findViolations("lamport", result), []);
    stuck += result.unfinished.length;
  }
  assert.ok(stuck > 0, "a group of which one is dead can't finish");
});

Deno.test("where a process never hears the others, liveness is violated, and the witness says who waits", () => {
  const dead = { delayMs: 0, jitterMs: 0, lossRate: 0, duplicateRate: 0, reorderRate: 0 };
  const result = simulateOrder({
    ...CALM,
    livenessMs: 1000,
    // Process 2 hears nobody: what is sent to it is on its way for an hour.
    links: (_from, to) => to === 2 ? { ...dead, delayMs: 3_600_000 } : dead,
  });
  const [violation] = findViolations("lamport", result);
  assert.equal(violation?.property, "liveness");
  assert.match(violation.witness, /^process 0 did not come to its end in time .* process 2/);
});

Deno.test("a load that takes longer than the faults has time for its end", () => {
  const options = { ...CALM, messages: 100, intervalMinMs: 100, intervalMaxMs: 100 };
  const result = simulateOrder({ ...options, faultPeriodMs: 100, livenessMs: 1000 });
  assert.deepEqual(result.unfinished, []);
  assert.ok(result.virtualMs > 10_000);
});

Deno.test("datagrams too small for the group's header still carry messages", () => {
  const result = simulateOrder({ ...CALM, processes: 30, messages: 1, maxDatagramBytes: 200 });
  assert.deepEqual(findViolations("lamport", result), []);
  assert.deepEqual(result.unfinished, []);
});
