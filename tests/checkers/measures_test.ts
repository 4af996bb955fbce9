import assert from "node:assert/strict";
import fc from "fast-check";
import { countInversions, countMoved } from "../../src/checkers/displacement.ts";
import { deliveredPerSecond, latencies, percentiles } from "../../src/checkers/latency.ts";
import { measure } from "../../src/checkers/measures.ts";
import { countPairs, longestIncreasing } from "./reference.ts";
import { runOf } from "./script.ts";

Deno.test("moved and inversions of a sequence are what counting by hand gives", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 }), (numbers) => {
      const distinct = Int32Array.from(new Set(numbers));
      const list = [...distinct];
      assert.equal(countMoved(distinct), list.length - longestIncreasing(list));
      assert.equal(countInversions(distinct), countPairs(list, (a, b) => a > b));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a reversed log of 100,000 is counted exactly", () => {
  const reversed = Int32Array.from({ length: 100_000 }, (_, i) => 100_000 - i);
  assert.equal(countMoved(reversed), 99_999);
  assert.equal(countInversions(reversed), 100_000 * 99_999 / 2);
});

Deno.test("a process without a journal is left out of the rounds, one with an empty log is not", () => {
  const scripts = ["m1 m2 d0:1 d0:2", "d0:1 d0:2"];
  const { compared, roundsOutOfOrder, lost } = measure(runOf([...scripts, null]));
  assert.deepEqual([compared, roundsOutOfOrder, lost], [2, 0, 0]);
  const empty = measure(runOf([...scripts, ""]));
  assert.deepEqual([empty.compared, empty.roundsOutOfOrder, empty.lost], [3, 2, 2]);
});

Deno.test("a message that nobody delivered is lost at every process", () => {
  assert.equal(measure(runOf(["m1", "", ""])).lost, 3);
});

Deno.test("latency is to the last delivery or to the sender's own", () => {
  const run = runOf(["m1+100 d0:1+103 m2+200 d0:2+201", "d0:1+140 d0:2+230 d0:2+900", "d0:1+120"]);
  assert.deepEqual([...latencies(run, "last-delivery")], [40], "0:2 never came to process 2");
  assert.deepEqual([...latencies(run, "own-delivery")], [3, 1]);
  const crashed = { ...run, incomplete: new Set([2]) };
  assert.deepEqual([...latencies(crashed, "last-delivery")], [40, 30]);
});

Deno.test("messages without times have no latency", () => {
  const run = runOf(["m1 d0:1+3 m2+1 d0:2 m3+5 m4+5 d0:4+5", "d0:1 d0:2 d0:4"]);
  assert.deepEqual([...latencies(run, "last-delivery")], [0]);
  assert.equal(percentiles(latencies(runOf(["m1 d0:1"]), "own-delivery")), null);
});

Deno.test("percentiles are by nearest rank", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(percentiles(hundred), { p50: 50, p99: 99, max: 100 });
  assert.deepEqual(percentiles(Float64Array.of(3, 1)), { p50: 1, p99: 3, max: 3 });
  assert.deepEqual(percentiles(Float64Array.of(7)), { p50: 7, p99: 7, max: 7 });
});

Deno.test("the rate is the slowest process's, from its first delivery to its last", () => {
  const fast = "d0:1+0 d0:2+10 d0:3+20";
  const slow = "d0:1+0 d0:2+10 d0:3+1000";
  assert.equal(deliveredPerSecond(runOf([fast])), 100);
  assert.equal(deliveredPerSecond(runOf([fast, slow])), 2);
  assert.equal(deliveredPerSecond(runOf([fast, "d0:1+5"])), 100);
  assert.equal(deliveredPerSecond(runOf([fast, ""])), 0);
  assert.equal(deliveredPerSecond(runOf(["", ""])), null);
  assert.equal(deliveredPerSecond(runOf(["d0:1 d0:2"])), null);
});
