import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import { chooseSome, type Fault, scheduleFaults } from "../../src/simulator/fault_schedule.ts";
import { type Faults, NO_FAULTS, type PartitionMode } from "../../src/simulator/faults.ts";

const PERIOD_MS = 1000;
const MANY: Faults = { ...NO_FAULTS, clogs: 20, partitions: 20, pauses: 20, crashes: 2 };

function draw(faults: Faults, size: number, seed = 1): Fault[] {
  return scheduleFaults(faults, size, PERIOD_MS, new Random(seed));
}

Deno.test("as many faults are scheduled as there should be, the same for the same seed", () => {
  const faults = draw(MANY, 5);
  const count = (kind: Fault["kind"]) => faults.filter((fault) => fault.kind === kind).length;
  assert.deepEqual(
    [count("clog"), count("partition"), count("pause"), count("crash")],
    [20, 20, 20, 2],
  );
  assert.deepEqual(draw(MANY, 5), faults);
  assert.notDeepEqual(draw(MANY, 5, 2), faults);
  assert.deepEqual(draw(NO_FAULTS, 5), []);
});

Deno.test("all but crashes are over when the network heals, and none is longer than it may", () => {
  const longest = { clog: 300, partition: 200, pause: 100 };
  const faults = { ...MANY, clogMaxMs: 300, partitionMaxMs: 200, pauseMaxMs: 100 };
  for (let seed = 0; seed < 50; seed++) {
    for (const { kind, at, end } of draw(faults, 4, seed)) {
      assert.ok(Number.isInteger(at) && at >= 0 && at < PERIOD_MS * 1000);
      if (kind === "crash") {
        assert.equal(end, Infinity);
        continue;
      }
      assert.ok(Number.isInteger(end) && end > at && end <= PERIOD_MS * 1000);
      assert.ok(end - at <= longest[kind] * 1000 + 1, `a ${kind} of ${end - at} us`);
    }
  }
});

Deno.test("one process survives", () => {
  for (let seed = 0; seed < 20; seed++) {
    const crashed = draw({ ...NO_FAULTS, crashes: 9 }, 3, seed).map((fault) => {
      assert.ok(fault.kind === "crash");
      return fault.process;
    });
    assert.deepEqual([crashed.length, new Set(crashed).size], [2, 2]);
  }
});

Deno.test("a process alone has no links that could fail", () => {
  const kinds = new Set(draw(MANY, 1).map(({ kind }) => kind));
  assert.deepEqual(kinds, new Set(["pause"]));
});

for (const mode of ["symmetric", "one-way", "isolate"] as const) {
  Deno.test(`a partition that is ${mode} cuts the links that it should`, () => {
    const sides = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const links = cutBy(mode, 4, seed);
      const has = (from: number, to: number) => links.has(`${from}>${to}`);
      // From a process of the side that is cut off, everything to the other side is cut.
      const senders = [0, 1, 2, 3].filter((p) => [0, 1, 2, 3].some((q) => has(p, q)));
      const back = [...links].every((link) => has(Number(link[2]), Number(link[0])));
      assert.equal(back, mode !== "one-way");
      const size = mode === "one-way" ? senders.length : 4 - sideOf(links).length;
      sides.add(size);
      const cut = mode === "one-way" ? size * (4 - size) : 2 * size * (4 - size);
      assert.equal(links.size, cut);
    }
    assert.deepEqual([...sides].sort(), mode === "isolate" ? [1, 3] : [1, 2, 3]);
  });
}

Deno.test("some processes are chosen, each at most once, and every one at times", () => {
  const random = new Random(1);
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const chosen = chooseSome(5, 3, random);
    assert.deepEqual([chosen.length, new Set(chosen).size], [3, 3]);
    for (const p of chosen) seen.add(p);
  }
  assert.deepEqual(seen, new Set([0, 1, 2, 3, 4]));
});

function cutBy(mode: PartitionMode, size: number, seed: number): Set<string> {
  const [partition] = draw({ ...NO_FAULTS, partitions: 1, partitionModes: [mode] }, size, seed);
  assert.ok(partition?.kind === "partition" && partition.mode === mode);
  return new Set(partition.links.map(({ from, to }) => `${from}>${to}`));
}

/** The processes on the same side as process 0. */
function sideOf(links: ReadonlySet<string>): number[] {
  return [0, 1, 2, 3].filter((p) => !links.has(`0>${p}`));
}
