/**
 * How fast the group is: runs labs and prints the medians as a table. Each lab is what a user would
 * run, with journals and checkers on, and counts only if everything that was promised holds.
 *
 * `deno run -A bench/throughput.ts [RUNS]`
 *
 * @module
 */

import { selfCommand } from "../src/hosts/self_command.ts";

interface Case {
  readonly name: string;
  readonly args: string;
}

/** No emulated link: loopback as it is. */
const LOOPBACK = "--topology lan --link delay=0ms,jitter=0ms";

const CASES: readonly Case[] = [
  {
    name: "3 processes, 64 B, loopback",
    args: `--peers 3 --messages 100000 --payload 64 --interval 0ms ${LOOPBACK}`,
  },
  {
    name: "3 processes, 1000 B, loopback",
    args: `--peers 3 --messages 30000 --payload 1000 --interval 0ms ${LOOPBACK}`,
  },
  {
    name: "6 processes, 64 B, loopback",
    args: `--peers 6 --messages 30000 --payload 64 --interval 0ms ${LOOPBACK}`,
  },
  {
    name: "3 processes, 64 B, aws-2020",
    args: "--peers 3 --messages 100000 --payload 64 --interval 0ms",
  },
  {
    name: "6 processes, 100 B every 5 to 20 ms, aws-2020",
    args: "--peers 6 --messages 100",
  },
];

const runs = Number(Deno.args[0] ?? 5);
if (!(Number.isInteger(runs) && runs > 0)) {
  write("Usage: deno run -A bench/throughput.ts [RUNS]");
  Deno.exit(2);
}
const rows: string[] = [];
for (const { name, args } of CASES) {
  const rates: number[] = [];
  const p50s: number[] = [];
  for (let i = 0; i < runs; i++) {
    const event = await runLab(args);
    if (event.deliveredPerSecond !== undefined) rates.push(event.deliveredPerSecond);
    p50s.push(event.latencyMs.p50);
  }
  rows.push(`| ${name} | ${range(rates, 0)} | ${range(p50s, 1)} |`);
}
write("| case | delivered a second: median (min-max) | latency p50 in ms, last delivery |");
write("| --- | --- | --- |");
for (const row of rows) write(row);

interface RunEvent {
  readonly deliveredPerSecond?: number;
  readonly latencyMs: { readonly p50: number };
}

async function runLab(options: string): Promise<RunEvent> {
  const { command, args } = selfCommand(
    `lab --order lamport --json --quiet ${options}`.split(" "),
  );
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  if (code !== 0) throw new Error(`lab ${options}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function range(values: readonly number[], digits: number): string {
  if (values.length === 0) return "-";
  const sorted = values.toSorted((a, b) => a - b);
  const [median, min, max] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!]
    .map((value) =>
      value.toLocaleString("en-US", {
        maximumFractionDigits: digits,
        minimumFractionDigits: digits,
      })
    );
  return `${median} (${min}-${max})`;
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
