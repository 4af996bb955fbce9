/**
 * What a campaign runs: from the options of the command line to the run of each seed, and from a
 * run back to the command line that repeats it.
 *
 * @module
 */

import { promised } from "../checkers/judge.ts";
import type { Property } from "../checkers/verdict.ts";
import { regionOf, type Topology } from "../hosts/topology.ts";
import { loadTopology } from "../hosts/topology_file.ts";
import type { Order } from "../protocols/process.ts";
import { type Bug, ORDER_BUGS } from "../simulator/bugs.ts";
import type { SimulationOptions } from "../simulator/order_simulation.ts";
import { drawSwarmRun } from "../simulator/swarm.ts";
import type { SimulateOrderOptions } from "./simulate_order_command.ts";
import { faultPeriodOf, type KnobValues, ORDER_KNOBS, plainRun } from "./simulation_knobs.ts";
import { UsageError } from "./usage_error.ts";

/** Seeds wrap around here, so that each fits the option. */
const SEEDS = 2 ** 32;

/** The runs of a campaign: each is a function of its seed. */
export class SimulationPlan {
  readonly #options: SimulateOrderOptions;
  readonly #topology: Topology | null;
  readonly order: Order;
  /** The deliberate mistake; null for the real protocol. */
  readonly bug: Bug | null;
  /** Whether each seed draws its own run. */
  readonly isSwarm: boolean;
  /** The properties without which a run fails. */
  readonly demanded: readonly Property[];

  private constructor(options: SimulateOrderOptions, topology: Topology | null) {
    this.#options = options;
    this.#topology = topology;
    this.bug = ORDER_BUGS.get(options.bug ?? "") ?? null;
    this.order = options.order ?? this.bug?.order ?? "lamport";
    this.isSwarm = options.swarm || (topology === null && !ORDER_KNOBS.isAnyTurned(options));
    this.demanded = options.check ?? promised(this.order);
  }

  /** Reads the topology, if there is one.
   *
   * @throws {UsageError} if that isn't possible. */
  static async from(options: SimulateOrderOptions): Promise<SimulationPlan> {
    if (options.topology === undefined) return new SimulationPlan(options, null);
    try {
      return new SimulationPlan(options, await loadTopology(options.topology));
    } catch (error) {
      throw new UsageError(`--topology: ${(error as Error).message}`);
    }
  }

  /** The run of a seed. Knobs that were turned count more than what a swarm draws. */
  run(seed: number): SimulationOptions {
    const base = this.isSwarm ? this.#drawnRun(seed) : this.#plainRun(seed);
    const turned = fitDelays(
      ORDER_KNOBS.turn({ ...base, links: this.#links() }, this.#options),
      this.#options,
    );
    const run = this.bug === null ? turned : { ...turned, makeGroup: this.bug.makeGroup };
    if (this.isSwarm || this.#options.faultPeriod !== undefined) return run;
    return { ...run, faultPeriodMs: faultPeriodOf(run) };
  }

  /** The command line that repeats the run of a seed. */
  replay(seed: number): string {
    return this.#command(seed, [
      ...(this.isSwarm ? ["--swarm"] : []),
      ...ORDER_KNOBS.formatTurned(this.#options),
      ...(this.#topology === null ? [] : ["--topology", this.#topology.name]),
    ]);
  }

  /** The command line that says everything about a run, and leaves nothing to a swarm. */
  spellOut(run: SimulationOptions): string {
    const hasTopology = run.links !== null && this.#topology !== null;
    const plain = hasTopology ? this.#plainRun(run.seed) : plainRun(run.seed, run.order);
    const base = { ...plain, faultPeriodMs: faultPeriodOf(run) };
    return this.#command(run.seed, [
      ...ORDER_KNOBS.formatDifference(run, base, ["peers", "messages"]),
      ...(hasTopology ? ["--topology", this.#topology.name] : []),
    ]);
  }

  #command(seed: number, words: readonly string[]): string {
    const { bug, check } = this.#options;
    return commandLine([
      ...["mpcomm", "simulate", "order", "--seed", String(seed), "--order", this.order],
      // A mistake is looked for in many runs unless told otherwise.
      ...(bug === undefined ? [] : ["--bug", bug, "--runs", "1"]),
      ...(check === undefined ? [] : ["--check", check.join(",")]),
      ...words,
    ]);
  }

  /** Limits are drawn to fit the drawn messages, and may be too tight for others. */
  #drawnRun(seed: number): SimulationOptions {
    const { payloadBytes, datagramBytes, peers } = this.#options;
    const drawn = drawSwarmRun(seed, this.order);
    if (payloadBytes === undefined && datagramBytes === undefined && peers === undefined) {
      return drawn;
    }
    const { holdbackLimit: _, aheadLimit: __, ...unlimited } = drawn;
    return unlimited;
  }

  /** Where a topology has delays, links have no other ones. */
  #plainRun(seed: number): SimulationOptions {
    const run = plainRun(seed, this.order);
    if (this.#topology === null) return run;
    return { ...run, faults: { ...run.faults, delayMinMs: 0, delayMeanMs: 0 } };
  }

  #links(): SimulationOptions["links"] {
    const topology = this.#topology;
    if (topology === null) return null;
    return (from, to) => topology.link(regionOf(topology, from), regionOf(topology, to));
  }
}

/** The seed of run number `i`, counted from 0. */
export function seedOf(first: number, i: number): number {
  return (first + i) % SEEDS;
}

/** Where only one of the two delays was turned, the other one gives way: no mean is below the
 * minimum. */
export function fitDelays<
  Faults extends { readonly delayMinMs: number; readonly delayMeanMs: number },
  Run extends { readonly faults: Faults },
>(run: Run, { delayMean }: Pick<KnobValues, "delayMean">): Run {
  const { delayMinMs, delayMeanMs } = run.faults;
  if (delayMeanMs >= delayMinMs) return run;
  const faults = delayMean === undefined ? { delayMeanMs: delayMinMs } : { delayMinMs: delayMean };
  return { ...run, faults: { ...run.faults, ...faults } };
}

/** One line for a shell. */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** In quotes where a shell would see more than a word in it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
