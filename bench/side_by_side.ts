/**
 * mpcomm beside corosync and JGroups: the same measurements on one machine in one run, the systems
 * taking turns, as medians and ratios.
 *
 * `deno run -A bench/side_by_side.ts [--runs 3] [--only corosync,jgroups,mpcomm]`
 *
 * A system can be set up in several ways. The first table takes for each line the way that was best
 * in it, of every system alike; the second one shows them all.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { corosync, INSTALL as COROSYNC, missingForCorosync } from "./peers/corosync.ts";
import { INSTALL as JGROUPS, jgroups, missingForJgroups } from "./peers/jgroups.ts";
import { type Contender, type Measurement, median, type Result } from "./peers/measurement.ts";
import { mpcomm } from "./peers/mpcomm.ts";

const MANY = { payloadBytes: 64, senders: 3, members: 3, outstanding: 0, lossRate: 0 };
const ONE_BY_ONE = { ...MANY, of: "latency" as const, senders: 1, messages: 2000, outstanding: 1 };

const MEASUREMENTS: readonly Measurement[] = [
  { ...MANY, of: "rate", name: "3 members, all send 64 B", messages: 100_000 },
  { ...MANY, of: "rate", name: "3 members, all send 1000 B", messages: 20_000, payloadBytes: 1000 },
  {
    ...MANY,
    of: "rate",
    name: "6 members, all send 64 B",
    messages: 20_000,
    senders: 6,
    members: 6,
  },
  { ...ONE_BY_ONE, name: "one after the other, 1 of 3 sends" },
  { ...ONE_BY_ONE, name: "one after the other, 3 of 3 send", senders: 3, messages: 1000 },
  { ...ONE_BY_ONE, name: "with 1 % loss, 1 of 3 sends", messages: 300, lossRate: 0.01 },
  { ...ONE_BY_ONE, name: "with 1 % loss, 3 of 3 send", senders: 3, messages: 100, lossRate: 0.01 },
];

/** What is printed of a measurement. */
interface Row {
  readonly measurement: Measurement;
  readonly what: string;
  readonly value: (result: Result) => number;
  readonly isBetter: (a: number, b: number) => boolean;
}

const RATE = { value: (r: Result) => r.perSecond, isBetter: (a: number, b: number) => a > b };
const P50 = { value: (r: Result) => r.p50Us, isBetter: (a: number, b: number) => a < b };
const P99 = { value: (r: Result) => r.p99Us, isBetter: (a: number, b: number) => a < b };

const ROWS: readonly Row[] = MEASUREMENTS.flatMap((measurement): Row[] => {
  if (measurement.of === "rate") return [{ measurement, what: "messages a second", ...RATE }];
  return [
    { measurement, what: "own delivery p50, µs", ...P50 },
    { measurement, what: "own delivery p99, µs", ...P99 },
  ];
});

/** What a contender came to in all runs. */
interface Score {
  readonly contender: Contender;
  readonly results: Map<Measurement, Result[]>;
  readonly failures: Map<Measurement, number>;
}

const USAGE = "usage: side_by_side.ts [--runs N] [--only corosync,jgroups,mpcomm]";

const { values: { runs: runsText, only, help } } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    only: { type: "string", default: "corosync,jgroups,mpcomm" },
    help: { type: "boolean", default: false },
  },
});
if (help) write(USAGE);
else await main(Number(runsText), only.split(","));

async function main(runs: number, systems: readonly string[]): Promise<void> {
  const unknown = systems.find((name) => !["corosync", "jgroups", "mpcomm"].includes(name));
  if (!(Number.isInteger(runs) && runs > 0) || unknown !== undefined) {
    complain(USAGE);
    Deno.exit(2);
  }
  const folder = await Deno.makeTempDir({ prefix: "side_by_side_" });
  // The children end with their input, which ends with this process.
  const leave = () => {
    Deno.removeSync(folder, { recursive: true });
    Deno.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, leave);
  try {
    const scores = (await contenders(systems, folder)).map((contender): Score => ({
      contender,
      results: new Map(MEASUREMENTS.map((measurement) => [measurement, []])),
      failures: new Map(),
    }));
    if (scores.length === 0) Deno.exit(1);
    for (let run = 1; run <= runs; run++) {
      for (const score of scores) await measure(score, `run ${run} of ${runs}`);
    }
    print(scores);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The systems that are there; says of the others how to get them. */
async function contenders(systems: readonly string[], folder: string): Promise<Contender[]> {
  const found: Contender[] = [];
  const peers = [
    { system: "corosync", absent: missingForCorosync, make: corosync, install: COROSYNC },
    { system: "jgroups", absent: missingForJgroups, make: jgroups, install: JGROUPS },
  ];
  for (const { system, absent, make, install } of peers) {
    if (!systems.includes(system)) continue;
    const names = await absent();
    if (names.length === 0) found.push(...await make(folder));
    else complain(`${system} is left out, for want of ${names.join(", ")}: ${install}`);
  }
  if (systems.includes("mpcomm")) found.push(...mpcomm());
  return found;
}

async function measure({ contender, results, failures }: Score, run: string): Promise<void> {
  complain(`${run}: ${contender.system}, ${contender.setup}`);
  for (const [i, result] of (await contender.measure(MEASUREMENTS)).entries()) {
    const measurement = MEASUREMENTS[i]!;
    if (result === "failed") failures.set(measurement, (failures.get(measurement) ?? 0) + 1);
    else if (result !== "skipped") results.get(measurement)!.push(result);
  }
}

function print(scores: readonly Score[]): void {
  const systems = [...new Set(scores.map(({ contender }) => contender.system))];
  const others = systems.includes("mpcomm") ? systems.filter((name) => name !== "mpcomm") : [];
  table(
    ["", ...systems, ...others.map((name) => `mpcomm / ${name}`)],
    ROWS.map((row) => {
      const bests = new Map(systems.map((name) => [name, best(row, scores, name)]));
      const ours = bests.get("mpcomm");
      return [
        title(row),
        ...systems.map((name) => {
          const score = bests.get(name);
          return score === undefined ? "-" : `${range(row, score)}, ${score.contender.setup}`;
        }),
        ...others.map((name) => ratio(row, ours, bests.get(name))),
      ];
    }),
  );
  write("\nEvery way of setting up, median (min-max):\n");
  table(
    ["", ...scores.map(({ contender }) => `${contender.system}: ${contender.setup}`)],
    ROWS.map((row) => [title(row), ...scores.map((score) => range(row, score))]),
  );
}

function title({ measurement, what }: Row): string {
  return `${measurement.name}: ${what}`;
}

/** The score of a system that is best in a row, if there is any. */
function best(row: Row, scores: readonly Score[], system: string): Score | undefined {
  return scores
    .filter(({ contender }) => contender.system === system)
    .filter((score) => valuesOf(row, score).length > 0)
    .reduce<Score | undefined>(
      (a, b) => a === undefined || row.isBetter(middle(row, b), middle(row, a)) ? b : a,
      undefined,
    );
}

function ratio(row: Row, ours: Score | undefined, theirs: Score | undefined): string {
  if (ours === undefined || theirs === undefined) return "-";
  return (middle(row, ours) / middle(row, theirs)).toPrecision(2);
}

function valuesOf({ measurement, value }: Row, { results }: Score): number[] {
  return results.get(measurement)!.map(value);
}

function middle(row: Row, score: Score): number {
  return median(valuesOf(row, score));
}

function range(row: Row, score: Score): string {
  const values = valuesOf(row, score);
  const failures = score.failures.get(row.measurement) ?? 0;
  const failed = failures === 0 ? "" : `failed ${failures} times`;
  if (values.length === 0) return failed || "-";
  const [mid, min, max] = [middle(row, score), Math.min(...values), Math.max(...values)]
    .map((value) => Math.round(value).toLocaleString("en-US"));
  return `${mid} (${min}-${max})${failed && `, ${failed}`}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): void {
  write(`| ${header.join(" | ")} |`);
  write(`|${" --- |".repeat(header.length)}`);
  for (const row of rows) write(`| ${row.join(" | ")} |`);
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function complain(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
