/**
 * A campaign over all orders: each seed draws a group, a load and faults, and every order has to
 * keep its promises under them, in turn. A violation is printed when it is found, with the command
 * that repeats its run.
 *
 * ```sh
 * deno run scripts/campaign.ts --seed 1 --runs 2000   # two thousand seeds, each order
 * deno run scripts/campaign.ts                        # fresh seeds until it is stopped
 * ```
 *
 * Ctrl-C ends it after the run that is under way. Exit code 3: a promise was broken.
 *
 * @module
 */

import { parseArgs } from "node:util";
import process from "node:process";
import { findViolations } from "../src/cli/judge_simulation.ts";
import { type Order, ORDERS } from "../src/protocols/process.ts";
import { simulateOrder, type SimulationResult } from "../src/simulator/order_simulation.ts";
import { drawSwarmRun } from "../src/simulator/swarm.ts";

/** So often a long campaign says that it is still there. */
const REPORT_MS = 60_000;

/** Seeds are numbers of 32 bits. */
const SEEDS = 2 ** 32;

/** What a campaign does. */
export interface CampaignOptions {
  /** The first seed; the next ones follow. */
  readonly seed: number;
  /** So many seeds, each with every order; Infinity for until it is stopped. */
  readonly runs: number;
  readonly orders: readonly Order[];
  /** Takes each line. */
  readonly say: (line: string) => void;
  /** Asked before each run. */
  readonly isStopped?: () => boolean;
  /** Carries out one run; the real simulation unless a test puts another in its place. */
  readonly simulate?: (seed: number, order: Order) => SimulationResult;
}

/** Runs a campaign, and returns how many runs of each order failed. */
export async function runCampaign(options: CampaignOptions): Promise<Map<Order, number>> {
  const { seed, runs, orders, say, isStopped = () => false, simulate = swarmRun } = options;
  const failed = new Map<Order, number>(orders.map((order) => [order, 0]));
  let reportAt = performance.now() + REPORT_MS;
  let done = 0;
  say(`From seed ${seed}, orders ${orders.join(", ")}`);
  campaign: for (let i = 0; i < runs; i++) {
    const drawn = (seed + i) % SEEDS;
    for (const order of orders) {
      await nextTurn(); // A signal is heard between two runs.
      if (isStopped()) break campaign;
      const violations = findViolations(order, simulate(drawn, order));
      done++;
      if (violations.length > 0) failed.set(order, failed.get(order)! + 1);
      for (const { property, witness } of violations) {
        say(`${order}, seed ${drawn}: ${property} is violated: ${witness}.`);
        say(`  mpcomm simulate order --seed ${drawn} --order ${order} --runs 1 --swarm`);
      }
    }
    if (performance.now() < reportAt) continue;
    reportAt = performance.now() + REPORT_MS;
    say(tally(done, failed));
  }
  say(tally(done, failed));
  return failed;
}

function swarmRun(seed: number, order: Order): SimulationResult {
  return simulateOrder(drawSwarmRun(seed, order));
}

function tally(done: number, failed: ReadonlyMap<Order, number>): string {
  const broken = [...failed].filter(([, count]) => count > 0);
  if (broken.length === 0) return `${done} runs, no promise broken`;
  return `${done} runs, of which failed: ${
    broken.map(([order, count]) => `${count} of ${order}`).join(", ")
  }`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A whole number from the command line.
 *
 * @throws {TypeError} It is none from 0 to 2^32 - 1. */
function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < SEEDS) return value;
  throw new TypeError(`--${name}: expected a whole number, got ${JSON.stringify(text)}`);
}

function readOptions(args: readonly string[]): { seed: number; runs: number } {
  const { values: { seed, runs } } = parseArgs({
    args: [...args],
    options: { seed: { type: "string" }, runs: { type: "string" } },
  });
  return {
    seed: seed === undefined
      ? crypto.getRandomValues(new Uint32Array(1))[0]!
      : wholeNumber("seed", seed),
    runs: runs === undefined ? Infinity : wholeNumber("runs", runs),
  };
}

async function main(): Promise<number> {
  let options: { seed: number; runs: number };
  try {
    options = readOptions(Deno.args);
  } catch (error) {
    const [line] = (error as Error).message.split("\n", 1);
    process.stderr.write(`campaign: ${line}\n`);
    return 2;
  }
  let isStopped = false;
  const stop = () => void (isStopped = true);
  Deno.addSignalListener("SIGINT", stop);
  const failed = await runCampaign({
    ...options,
    orders: ORDERS,
    say: (line) => void process.stdout.write(`${line}\n`),
    isStopped: () => isStopped,
  });
  Deno.removeSignalListener("SIGINT", stop);
  return [...failed.values()].some((count) => count > 0) ? 3 : 0;
}

if (import.meta.main) process.exitCode = await main();
