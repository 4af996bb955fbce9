/**
 * What is printed of a campaign: violations as they come, then the sum of it.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import type { Violation } from "./judge_simulation.ts";
import type { SimulationPlan } from "./simulation_plan.ts";
import type { FinishedRun, SimulationTally } from "./simulation_tally.ts";
import type { Terminal } from "./terminal.ts";

/** So many violations of each demanded property are printed; of the others only the first is. */
const SHOWN_MAX = 5;

/** What can repeat the run of a seed. */
interface Replayable {
  /** The command line that does. */
  replay(seed: number): string;
}

/** Prints a campaign's violations, as long as there have not been too many of the same kind. */
export class ViolationPrinter {
  readonly #plan: Replayable;
  readonly #terminal: Terminal;
  readonly #shown = new Map<string, number>();

  /** Prints to a terminal. */
  constructor(plan: Replayable, terminal: Terminal) {
    this.#plan = plan;
    this.#terminal = terminal;
  }

  /** Prints what was wrong with a run. */
  print(run: FinishedRun<unknown>): void {
    const { violations, notDemanded } = run.verdict;
    for (const violation of violations) this.#print(run, violation, true);
    for (const violation of notDemanded) this.#print(run, violation, false);
  }

  #print(
    { options, result }: FinishedRun<unknown>,
    violation: Violation,
    isDemanded: boolean,
  ): void {
    const { property, witness } = violation;
    const count = (this.#shown.get(property) ?? 0) + 1;
    this.#shown.set(property, count);
    if (count > (isDemanded ? SHOWN_MAX : 1)) return;
    const { seed } = options;
    const replay = this.#plan.replay(seed);
    this.#terminal.event({
      event: "violation",
      seed,
      property,
      witness,
      replay,
      promised: isDemanded,
      traceHash: result.traceHash,
    });
    const words = isDemanded ? this.#terminal.red("is violated") : "does not hold (not promised)";
    this.#terminal.result(`seed ${seed}: ${property} ${words}: ${witness}.`);
    if (isDemanded) this.#terminal.result(`  ${this.#terminal.dim(replay)}`);
    if (isDemanded && count === SHOWN_MAX) {
      this.#terminal.say(`More violations of ${property} are counted, but not shown.`);
    }
  }
}

/** Prints one run of a campaign, for those who want to see each. */
export function printRun(
  { options, result, verdict }: FinishedRun<unknown>,
  terminal: Terminal,
): void {
  const { seed } = options;
  const { events, virtualMs, faults, traceHash } = result;
  const violations = verdict.violations.map(({ property }) => property);
  terminal.event({
    event: "seed",
    seed,
    violations,
    events,
    virtualSeconds: virtualMs / 1000,
    faults,
    traceHash,
  });
  const outcome = violations.length === 0 ? "no violation" : violations.join(", ");
  terminal.result(`seed ${seed}: ${traceHash}, ${number(events)} events, ${outcome}`);
}

/** What the JSON objects of all campaigns have. */
export function tallyFields<Counts extends Record<keyof Counts, number>>(
  tally: SimulationTally<Counts>,
) {
  return {
    runs: tally.runs,
    violations: tally.violations,
    events: tally.events,
    eventsPerSecond: tally.eventsPerSecond,
    virtualSeconds: tally.virtualSeconds,
    faults: tally.faults,
    traceHash: tally.traceHash,
    timesRealTime: tally.timesRealTime,
    failedRuns: tally.failedRuns,
    violationsOf: Object.fromEntries(tally.violationsOf),
  };
}

/** The JSON object of a campaign. */
export function simulationEvent(plan: SimulationPlan, seed: number, tally: SimulationTally) {
  return {
    event: "simulation",
    protocol: "order",
    order: plan.order,
    seed,
    ...tallyFields(tally),
    swarm: plan.isSwarm,
    bug: plan.bug?.name ?? null,
    demanded: plan.demanded,
    notPromised: Object.fromEntries(tally.notPromised),
  };
}

/** A campaign as a table, with rows that say what went wrong. */
export function formatCampaign<Counts extends Record<keyof Counts, number>>(
  title: string,
  seed: number,
  tally: SimulationTally<Counts>,
  faultRows: readonly [name: string, count: number][],
  terminal: Terminal,
): string {
  const count = (value: number) => value === 0 ? "0" : terminal.red(number(value));
  const rows = [
    ["seed", String(seed)],
    ["runs", number(tally.runs)],
    ["violations", count(tally.violations)],
    ...[...tally.violationsOf].map(([property, runs]) => [`  ${property}`, count(runs)]),
    ...[...tally.notPromised].map(([property, runs]) => [
      `runs without ${property} (not promised)`,
      number(runs),
    ]),
    ["events", number(tally.events)],
    ["events per second", number(tally.eventsPerSecond)],
    ["virtual time", `${number(Math.round(tally.virtualSeconds))} s`],
    ["times real time", number(tally.timesRealTime)],
    ...faultRows.map(([name, times]) => [name, number(times)]),
    ["trace hash", tally.traceHash],
  ];
  const styleHeader = (text: string) => terminal.bold(text);
  return formatTable(["", title], rows, { alignRight: [1], styleHeader });
}

/** The same for people. */
export function formatTally(
  plan: SimulationPlan,
  seed: number,
  tally: SimulationTally,
  terminal: Terminal,
): string {
  const { faults } = tally;
  const title = plan.bug === null ? plan.order : `${plan.order}, ${plan.bug.name}`;
  return formatCampaign(title, seed, tally, [
    ["datagrams lost", faults.lost],
    ["  duplicated", faults.duplicated],
    ["  reordered", faults.reordered],
    ["  cut by partitions", faults.cut],
    ["  held by clogs", faults.clogged],
    ["  beyond a full buffer", faults.overflowed],
    ["processes crashed", faults.crashed],
    ["  paused", faults.paused],
    ["partitions", faults.partitions],
  ], terminal);
}

/** What to do next, in a sentence. */
export function hint(
  tally: SimulationTally,
  { shrink, history }: { readonly shrink: boolean; readonly history?: string | undefined },
): string {
  if (tally.runs === 0) return "No run came to its end.";
  if (tally.failedRuns > 0) {
    if (!shrink) return "Repeat it with --shrink to look for a smaller run that still fails.";
    if (history === undefined) return "Repeat it with --history DIR to keep its logs.";
    return `Judge its logs with: mpcomm compare --logs ${history}`;
  }
  if (Object.values(tally.faults).every((happened) => happened === 0)) {
    return "Nothing went wrong on this network, so little was tested: try --swarm or --loss 10%.";
  }
  return "Every run kept what it has to keep; see --bug list for mistakes that don't.";
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
