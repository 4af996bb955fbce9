/**
 * mpcomm's gossip beside serf: networks of processes on one machine, the same measurements in one run,
 * the systems taking turns, as medians and ratios.
 *
 * `deno run -A bench/gossip.ts [--runs 3] [--words 40] [--kills 3] [--nodes 20,50] [--only mpcomm,serf]
 * [--plain]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import { run } from "./peers/gossip/course.ts";
import type { Contender, Result, Sizes } from "./peers/gossip/measurement.ts";
import { mpcomm } from "./peers/gossip/mpcomm.ts";
import { INSTALL as SERF, serf } from "./peers/gossip/serf.ts";
import { median, missing } from "./peers/measurement.ts";

const SYSTEMS = ["mpcomm", "serf"] as const;

const USAGE = "usage: gossip.ts [--runs N] [--words N] [--kills N] [--nodes N,N] " +
  `[--only ${SYSTEMS.join()}] [--plain]`;

/** With serf's settings first. They are our defaults too, but are said, in case those change. */
const OURS = [
  mpcomm("fanout 3, 200 ms", ["--fanout", "3", "--interval", "200ms"]),
  mpcomm("push-pull, k 2", ["--mode", "push-pull", "--k", "2"]),
  mpcomm("fanout 1", ["--fanout", "1"]),
];

/** What a contender came to in all runs. */
type Score = readonly [Contender, readonly Result[]];

/** What is printed. */
interface Row {
  readonly what: string;
  /** Of all runs together. */
  readonly value: (results: readonly Result[]) => number;
  readonly digits: number;
  /** Whether a ratio makes sense. */
  readonly isRatio?: boolean;
  /** Whether the least and the most of a single run stand beside it. */
  readonly hasRange?: boolean;
}

const wordsOf = (results: readonly Result[]) => results.flatMap(({ wordMs }) => wordMs);
const killsOf = (results: readonly Result[]) => results.flatMap(({ killMs }) => killMs);

const ROWS: readonly Row[] = [
  ...[0.5, 0.9, 1].map((part): Row => ({
    what: `a word has reached all: ${part === 1 ? "worst" : `p${100 * part}`}, ms`,
    value: (r) => quantile(wordsOf(r), part),
    ...{ digits: 0, isRatio: true, hasRange: part < 1 },
  })),
  { what: "words", value: (r) => wordsOf(r).length, digits: 0 },
  { what: "that missed somebody for 30 s", value: (r) => unseen(wordsOf(r)), digits: 0 },
  { what: "told to a user again", value: sumOf((r) => r.repeated), digits: 0 },
  {
    what: "each node passes a word on: times",
    value: middleOf((r) => r.traffic.toldPerWord),
    ...{ digits: 2, hasRange: true },
  },
  {
    what: "a word that it knows comes to it: times",
    value: middleOf((r) => r.traffic.duplicatesPerWord),
    ...{ digits: 2, hasRange: true },
  },
  {
    what: "words that came by anti-entropy alone, %",
    value: middleOf((r) => 100 * r.traffic.suppliedShare),
    ...{ digits: 2, hasRange: true },
  },
  {
    what: "each node sends, of all kinds: messages a second",
    value: middleOf((r) => r.traffic.messagesPerSecond),
    ...{ digits: 1, isRatio: true, hasRange: true },
  },
  {
    what: "each node sends, of all kinds: bytes a second",
    value: middleOf((r) => r.traffic.bytesPerSecond),
    ...{ digits: 0, isRatio: true, hasRange: true },
  },
  ...[0.5, 1].map((part): Row => ({
    what: `kill -9 is seen by all: ${part === 1 ? "worst" : "p50"}, ms`,
    value: (r) => quantile(killsOf(r), part),
    ...{ digits: 0, isRatio: true, hasRange: part < 1 },
  })),
  { what: "kills", value: (r) => killsOf(r).length, digits: 0 },
  { what: "that somebody missed for 60 s", value: (r) => unseen(killsOf(r)), digits: 0 },
  { what: "nodes called gone that were not", value: sumOf((r) => r.falseAlarms), digits: 0 },
];

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    words: { type: "string", default: "40" },
    kills: { type: "string", default: "3" },
    nodes: { type: "string", default: "20,50" },
    only: { type: "string", default: SYSTEMS.join() },
    // Of mpcomm only the first settings.
    plain: { type: "boolean", default: false },
  },
});
const [runs, words, kills] = [values.runs, values.words, values.kills].map(Number);
const sizes = values.nodes.split(",").map(Number);
const systems = values.only.split(",");
const isWrong = [runs!, words!, kills!, ...sizes].some((n) => !(Number.isInteger(n) && n > 0)) ||
  sizes.some((size) => size < kills! + 2) ||
  systems.some((name) => !(SYSTEMS as readonly string[]).includes(name));
if (isWrong) {
  complain(USAGE);
  Deno.exit(2);
}
await main(runs!, sizes, { words: words!, kills: kills! });

async function main(runs: number, networks: readonly number[], sizes: Sizes): Promise<void> {
  const found = await contenders();
  if (found.length === 0) Deno.exit(1);
  const scores = networks.map((size) => ({
    size,
    results: found.map((contender): [Contender, Result[]] => [contender, []]),
  }));
  for (let round = 1; round <= runs; round++) {
    for (const { size, results } of scores) {
      for (const [contender, scored] of results) {
        const what = `${size} nodes of ${contender.system}, ${contender.setup}`;
        complain(`run ${round} of ${runs}: ${what}`);
        const folder = await Deno.makeTempDir({ prefix: "gossip_" });
        try {
          scored.push(await run(contender, folder, size, sizes));
        } catch (error) {
          complain(`${what} failed: ${(error as Error).message}`);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      }
    }
  }
  for (const { size, results } of scores) print(size, results);
}

/** The systems that are there; says of the others how to get them. */
async function contenders(): Promise<Contender[]> {
  const found: Contender[] = [];
  if (systems.includes("mpcomm")) found.push(...values.plain ? OURS.slice(0, 1) : OURS);
  if (systems.includes("serf")) {
    const [absent] = await missing(["serf"], []);
    if (absent === undefined) found.push(serf("lan"), serf("local"));
    else complain(`serf is left out: ${SERF}`);
  }
  return found;
}

function print(size: number, scores: readonly Score[]): void {
  write("");
  table(
    [`${size} nodes`, ...scores.map(titleOf)],
    ROWS.map((row) => [row.what, ...scores.map(([, results]) => cell(results, row))]),
  );
  const ours = scores.filter(([{ system }]) => system === "mpcomm");
  const others = scores.filter(([{ system }]) => system !== "mpcomm");
  if (ours.length === 0 || others.length === 0) return;
  const pairs = ours.flatMap((our) => others.map((other) => [our, other] as const));
  write("\nmpcomm divided by serf:\n");
  table(
    ["", ...pairs.map(([[our], [other]]) => `${our.setup} / ${other.setup}`)],
    ROWS.filter(({ isRatio }) => isRatio).map(({ what, value }) => [
      what.replace(/, ms$/, ""),
      ...pairs.map(([[, our], [, other]]) => ratio(value(our), value(other))),
    ]),
  );
}

function titleOf([{ system, setup }]: Score): string {
  return `${system}: ${setup}`;
}

function cell(results: readonly Result[], { value, digits, hasRange }: Row): string {
  if (results.length === 0) return "failed";
  const all = value(results);
  if (Number.isNaN(all)) return "-";
  const single = results.map((result) => value([result]));
  const [middle, min, max] = [all, Math.min(...single), Math.max(...single)]
    .map((number) => written(number, digits));
  return hasRange && results.length > 1 ? `${middle} (${min}-${max})` : middle!;
}

function ratio(our: number, other: number): string {
  const quotient = our / other;
  return Number.isFinite(quotient) ? quotient.toPrecision(2) : "-";
}

function written(number: number, digits: number): string {
  if (number === Infinity) return "never";
  return number.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** The value that so large a part of them doesn't exceed; the median is as everywhere. */
function quantile(numbers: readonly number[], part: number): number {
  if (part === 0.5) return median(numbers);
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
}

function unseen(times: readonly number[]): number {
  return times.filter((ms) => ms === Infinity).length;
}

function sumOf(value: (result: Result) => number): Row["value"] {
  return (results) => results.reduce((sum, result) => sum + value(result), 0);
}

function middleOf(value: (result: Result) => number): Row["value"] {
  return (results) => median(results.map(value));
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
