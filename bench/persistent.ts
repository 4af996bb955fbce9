/**
 * mpcomm's persistent multicast beside Redis Streams, Mosquitto and NATS JetStream: the same
 * measurements on one machine in one run, the systems taking turns, as medians and ratios.
 *
 * `deno run -A bench/persistent.ts [--runs 3] [--only mpcomm,redis,mosquitto,nats] [--folder DIR]`
 *
 * @module
 */

import { parseArgs } from "node:util";
import { median, missing } from "./peers/measurement.ts";
import {
  type Contender,
  type Result,
  type Sizes,
  SUBSCRIBERS,
} from "./peers/persistent/measurement.ts";
import { Course } from "./peers/persistent/course.ts";
import { INSTALL as MOSQUITTO, mosquitto } from "./peers/persistent/mosquitto.ts";
import { mpcomm } from "./peers/persistent/mpcomm.ts";
import { INSTALL as NATS, nats } from "./peers/persistent/nats.ts";
import { INSTALL as REDIS, redis } from "./peers/persistent/redis.ts";

const SIZES: Sizes = { pipelined: 100_000, oneByOne: 5000, connections: 3000, backlog: 10_000 };

/** What is sent before the clock runs, so that all code is compiled. */
const WARM_UP: Sizes = { pipelined: 20_000, oneByOne: 500, connections: 200, backlog: 0 };

/** What a contender came to in all runs. */
type Score = readonly [Contender, readonly Result[]];

/** What is printed. */
interface Row {
  readonly what: string;
  readonly value: (result: Result) => number;
}

const ROWS: readonly Row[] = [
  { what: "pipelined, acknowledgements a second", value: (r) => r.acknowledgedPerSecond },
  { what: "delivered a second, all subscribers", value: (r) => r.deliveredPerSecond },
  { what: "one at a time, kept connection, p50 in µs", value: (r) => r.p50Us },
  { what: "one at a time, kept connection, p99 in µs", value: (r) => r.p99Us },
  { what: "one at a time, a connection each, a second", value: (r) => r.connectionsPerSecond },
  { what: "backlog of 10,000 to one that reconnects, ms", value: (r) => r.backlogMs },
];

const SYSTEMS = ["mpcomm", "redis", "mosquitto", "nats"] as const;

const { values: { runs: runsText, only, folder: parent } } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    only: { type: "string", default: SYSTEMS.join() },
    // Where the stores are: the disk matters.
    folder: { type: "string" },
  },
});
await main(Number(runsText), only.split(","));

async function main(runs: number, systems: readonly string[]): Promise<void> {
  const unknown = systems.find((name) => !(SYSTEMS as readonly string[]).includes(name));
  if (!(Number.isInteger(runs) && runs > 0) || unknown !== undefined) {
    complain(`usage: persistent.ts [--runs N] [--only ${SYSTEMS.join()}] [--folder DIR]`);
    Deno.exit(2);
  }
  const dir = parent === undefined ? {} : { dir: parent };
  const folder = await Deno.makeTempDir({ prefix: "persistent_", ...dir });
  try {
    const results = new Map<Contender, Result[]>();
    for (const contender of await contenders(systems, folder)) results.set(contender, []);
    if (results.size === 0) Deno.exit(1);
    for (let run = 1; run <= runs; run++) {
      for (const [contender, scores] of results) {
        complain(`run ${run} of ${runs}: ${contender.system}, ${contender.setup}`);
        const store = await Deno.makeTempDir({ dir: folder });
        try {
          scores.push(await measure(contender, store));
        } catch (error) {
          complain(`${contender.system} failed: ${(error as Error).message}`);
        }
        await Deno.remove(store, { recursive: true });
      }
    }
    print([...results]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The systems that are there; says of the others how to get them. */
async function contenders(systems: readonly string[], folder: string): Promise<Contender[]> {
  const found: Contender[] = [];
  const peers = [
    { system: "redis", program: "redis-server", make: redis, install: REDIS },
    { system: "mosquitto", program: "mosquitto", make: mosquitto, install: MOSQUITTO },
    { system: "nats", program: "nats-server", make: nats, install: NATS },
  ];
  if (systems.includes("mpcomm")) found.push(...mpcomm());
  for (const { system, program, make, install } of peers) {
    if (!systems.includes(system)) continue;
    const [absent] = await missing([program], []);
    if (absent === undefined) found.push(await make(folder));
    else complain(`${system} is left out, for want of ${absent}: ${install}`);
  }
  return found;
}

async function measure(contender: Contender, folder: string): Promise<Result> {
  await using service = await contender.start(folder);
  const course = new Course(service);
  await course.run(WARM_UP);
  const result = await course.run(SIZES);
  await course.verify();
  return result;
}

function print(scores: readonly Score[]): void {
  const ours = scores.filter(([{ system }]) => system === "mpcomm");
  const others = scores.filter((score) => !ours.includes(score));
  table(
    [
      `1 publisher, ${SUBSCRIBERS} subscribers, 100 bytes`,
      ...scores.map(([{ system, setup }]) => `${system}: ${setup}`),
    ],
    [
      ["acknowledged means", ...scores.map(([{ acknowledged }]) => acknowledged)],
      ...ROWS.map(({ what, value }) => [what, ...scores.map((score) => range(score, value))]),
    ],
  );
  for (const our of ours) {
    if (others.length === 0) return;
    write(`\nmpcomm, ${our[0].setup}, divided by the others:\n`);
    table(
      ["", ...others.map(([{ system }]) => system)],
      ROWS.map(({ what, value }) => [
        what,
        ...others.map((other) => (middle(our, value) / middle(other, value)).toPrecision(2)),
      ]),
    );
  }
}

function middle([, results]: Score, value: Row["value"]): number {
  return median(results.map(value));
}

function range([, results]: Score, value: Row["value"]): string {
  if (results.length === 0) return "failed";
  const values = results.map(value);
  const [mid, min, max] = [median(values), Math.min(...values), Math.max(...values)]
    .map((value) => Math.round(value).toLocaleString("en-US"));
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
