/**
 * mpcomm's token ring beside etcd's locks, and beside a ring that does nothing but pass a number on:
 * the same measurements on one machine in one run, the systems taking turns, as medians and ratios.
 *
 * `deno run -A bench/tokenring.ts [--runs 3] [--only mpcomm,etcd,plain] [--folder DIR] [--short]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import { median, missing } from "./peers/measurement.ts";
import { run } from "./peers/tokenring/course.ts";
import { etcd, INSTALL as ETCD } from "./peers/tokenring/etcd.ts";
import { CLIENTS, type Contender, type Result, type Sizes } from "./peers/tokenring/measurement.ts";
import { mpcomm } from "./peers/tokenring/mpcomm.ts";
import { plainRing } from "./peers/tokenring/plain_ring.ts";

const SIZES: Sizes = { cycles: 300, contentionMs: 4000, hopsMs: 4000, kills: 4, commands: 10 };

/** To see that everything works. */
const SHORT: Sizes = { cycles: 40, contentionMs: 1000, hopsMs: 1000, kills: 1, commands: 2 };

/** What a contender came to in all runs. */
type Score = readonly [Contender, readonly Result[]];

/** What is printed. */
interface Row {
  readonly what: string;
  readonly value: (result: Result) => number;
  readonly digits: number;
}

const ROWS: readonly Row[] = [
  { what: "hops a second, nobody holding", value: (r) => r.hopsPerSecond, digits: 0 },
  { what: "grant to a waiter, nobody holding: p50, ms", value: (r) => r.grantP50Ms, digits: 2 },
  { what: "grant to a waiter, nobody holding: p99, ms", value: (r) => r.grantP99Ms, digits: 2 },
  {
    what: `lock sections a second, ${CLIENTS} waiters`,
    value: (r) => r.sectionsPerSecond,
    digits: 0,
  },
  { what: "next grant after kill -9 of the holder, ms", value: (r) => r.takeoverMs, digits: 0 },
  { what: "the same with a short lease, ms", value: (r) => r.shortTakeoverMs, digits: 0 },
  { what: "lock -- true, the whole process, ms", value: (r) => r.commandMs, digits: 0 },
];

const SYSTEMS = ["mpcomm", "etcd", "plain"] as const;

const { values: { runs: runsText, only, folder: parent, short } } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    only: { type: "string", default: SYSTEMS.join() },
    // Where the stores are: the disk matters.
    folder: { type: "string" },
    short: { type: "boolean", default: false },
  },
});
await main(Number(runsText), only.split(","), short ? SHORT : SIZES);

async function main(runs: number, systems: readonly string[], sizes: Sizes): Promise<void> {
  const unknown = systems.find((name) => !(SYSTEMS as readonly string[]).includes(name));
  if (!(Number.isInteger(runs) && runs > 0) || unknown !== undefined) {
    complain(`usage: tokenring.ts [--runs N] [--only ${SYSTEMS.join()}] [--folder DIR] [--short]`);
    Deno.exit(2);
  }
  const dir = parent === undefined ? {} : { dir: parent };
  const folder = await Deno.makeTempDir({ prefix: "tokenring_", ...dir });
  try {
    const results = new Map<Contender, Result[]>();
    for (const contender of await contenders(systems)) results.set(contender, []);
    if (results.size === 0) Deno.exit(1);
    for (let round = 1; round <= runs; round++) {
      for (const [contender, scores] of results) {
        complain(`run ${round} of ${runs}: ${contender.system}, ${contender.setup}`);
        try {
          scores.push(await run(contender, await Deno.makeTempDir({ dir: folder }), sizes));
        } catch (error) {
          complain(`${contender.system} failed: ${(error as Error).message}`);
        }
      }
    }
    print([...results]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The systems that are there; says of the others how to get them. */
async function contenders(systems: readonly string[]): Promise<Contender[]> {
  const found: Contender[] = [];
  if (systems.includes("mpcomm")) found.push(mpcomm());
  if (systems.includes("etcd")) {
    const [absent] = await missing(["etcd", "etcdctl"], []);
    if (absent === undefined) found.push(etcd(1), etcd(3));
    else complain(`etcd is left out, for want of ${absent}: ${ETCD}`);
  }
  if (systems.includes("plain")) found.push(plainRing());
  return found;
}

function print(scores: readonly Score[]): void {
  const ours = scores.find(([{ system }]) => system === "mpcomm");
  const others = scores.filter((score) => score !== ours);
  table(
    [`${CLIENTS} clients`, ...scores.map(([{ system, setup }]) => `${system}: ${setup}`)],
    ROWS.map((row) => [row.what, ...scores.map((score) => range(score, row))]),
  );
  if (ours === undefined || others.length === 0) return;
  write("\nmpcomm divided by the others:\n");
  table(
    ["", ...others.map(([{ system, setup }]) => `${system}: ${setup}`)],
    ROWS.map(({ what, value }) => [
      what,
      ...others.map((other) => {
        const ratio = middle(ours, value) / middle(other, value);
        return Number.isNaN(ratio) ? "-" : ratio.toPrecision(2);
      }),
    ]),
  );
}

function middle([, results]: Score, value: Row["value"]): number {
  return median(results.map(value));
}

function range([, results]: Score, { value, digits }: Row): string {
  if (results.length === 0) return "failed";
  const values = results.map(value);
  if (values.some(Number.isNaN)) return "-";
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const [mid, min, max] = [median(values), Math.min(...values), Math.max(...values)]
    .map((value) => value.toLocaleString("en-US", options));
  return `${mid} (${min}-${max})`;
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
