/**
 * What `mpcomm simulate gossip --against demers` does.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import {
  compareWithPaper,
  type Deviation,
  type DeviationVerdict,
  PAPER_MEASURES,
  PAPER_NODES,
  PAPER_TABLES,
  type PaperMeasure,
  type PaperTable,
  trialsFor,
} from "../simulator/demers_1987.ts";
import type { EpidemicStatistics } from "../simulator/epidemic_statistics.ts";
import { EpidemicRunner } from "./epidemic_runner.ts";
import { formatSmall } from "./run_simulate_gossip.ts";
import { catchSignals } from "./signals.ts";
import type { GossipComparisonOptions } from "./simulate_gossip_command.ts";
import type { Terminal } from "./terminal.ts";

/** A row of ours and its deviations. */
interface ComparedRow {
  readonly k: number;
  readonly statistics: EpidemicStatistics;
  readonly deviations: Readonly<Record<PaperMeasure, Deviation>>;
}

/** Runs the trials of each row; returns the exit code. */
export async function runGossipComparison(
  options: GossipComparisonOptions,
  terminal: Terminal,
): Promise<number> {
  using signals = catchSignals({ terminal });
  const runner = new EpidemicRunner(options.seed, terminal, signals.stop);
  terminal.say(
    `Simulating the tables of Demers et al. 1987, section 1.4, ${PAPER_NODES} nodes, from seed ` +
      runner.seed,
  );
  const all: Deviation[] = [];
  for (const table of PAPER_TABLES) {
    const rows = await runTable(table, options.trials, runner, terminal);
    if (rows.length > 0) terminal.result(formatComparison(table, rows, terminal));
    all.push(...rows.flatMap(({ deviations }) => Object.values(deviations)));
  }
  const counts = count(all);
  if (signals.caught === null) {
    terminal.event({ event: "against", paper: options.against, figures: all.length, ...counts });
  }
  terminal.result(`\n${summary(all.length, counts)}`);
  return signals.exitCode(0);
}

function count(all: readonly Deviation[]): Readonly<Record<DeviationVerdict, number>> {
  const counts = { within: 0, beyond: 0, undecided: 0 };
  for (const { verdict } of all) counts[verdict]++;
  return counts;
}

/** The rows that came to their end. */
async function runTable(
  table: PaperTable,
  wanted: number | undefined,
  runner: EpidemicRunner,
  terminal: Terminal,
): Promise<ComparedRow[]> {
  const compared: ComparedRow[] = [];
  for (const [i, paper] of table.rows.entries()) {
    const k = i + 1;
    const { mode, reaction, stop } = table;
    const epidemic = { nodes: PAPER_NODES, mode, reaction, stop, fanout: 1 };
    const trials = wanted ?? trialsFor(paper);
    const title = `${titleOf(table)}, k = ${k}`;
    const statistics = await runner.run({ ...epidemic, k }, trials, title);
    if (statistics === null) break;
    const deviations = compareWithPaper(table, k, statistics);
    const { means, standardErrors } = statistics;
    terminal.event({
      ...{ event: "gossip", k, ...means, ...epidemic, trials, seed: runner.seed, standardErrors },
      ...{ table: table.number, paper, deviation: each(deviations, ({ deviation }) => deviation) },
      verdict: each(deviations, ({ verdict }) => verdict),
    });
    compared.push({ k, statistics, deviations });
  }
  return compared;
}

function each<T>(
  deviations: Readonly<Record<PaperMeasure, Deviation>>,
  take: (deviation: Deviation) => T,
): Readonly<Record<PaperMeasure, T>> {
  const { residue, traffic, tLast } = deviations;
  return { residue: take(residue), traffic: take(traffic), tLast: take(tLast) };
}

function titleOf({ number, mode, reaction, stop }: PaperTable): string {
  return `Table ${number}: ${mode}, ${reaction}, ${stop}`;
}

function formatComparison(
  table: PaperTable,
  rows: readonly ComparedRow[],
  terminal: Terminal,
): string {
  const header = ["k", ..."residue paper  traffic paper  last paper ".split(" ")];
  const cells = rows.map(({ k, statistics: { means }, deviations }) => [
    String(k),
    ...PAPER_MEASURES.flatMap((measure) => {
      const ours = measure === "tLast" ? means.tLast.toFixed(1) : formatSmall(means[measure]);
      const paper = table.rows[k - 1]![measure];
      return [ours, String(paper), formatDeviation(deviations[measure], measure, terminal)];
    }),
  ]);
  const body = formatTable(header, cells, {
    alignRight: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    styleHeader: (text) => terminal.bold(text),
  });
  return `\n${terminal.bold(titleOf(table))}\n${body}`;
}

/** Cycles as they are, other measures in percent. */
function formatDeviation(
  { deviation, verdict }: Deviation,
  measure: PaperMeasure,
  terminal: Terminal,
): string {
  const digits = (measure === "tLast" ? deviation : 100 * deviation).toFixed(1);
  const sign = Number(digits) > 0 ? "+" : "";
  const text = `${sign}${Number(digits) === 0 ? "0.0" : digits}${measure === "tLast" ? "" : "%"}`;
  if (verdict === "within") return text;
  return verdict === "beyond" ? terminal.red(`${text} !`) : `${text} ?`;
}

const MARKS =
  "The marks: residue 10 %, from k = 4 on 20 %; traffic 3 %; last heard 0.5 cycles, blind " +
  "with a coin 1.";

function summary(
  figures: number,
  { within, beyond, undecided }: Readonly<Record<DeviationVerdict, number>>,
): string {
  if (figures === 0) return "No row came to its end.";
  const some = beyond + undecided === 0
    ? `All ${figures} figures are within the marks.`
    : `${within} of ${figures} figures are within the marks.`;
  const others = [
    ...(beyond === 0 ? [] : [`${beyond} beyond them: those with a "!".`]),
    ...(undecided === 0
      ? []
      : [`${undecided} beyond them by no more than twice our standard error: those with a "?".`]),
  ];
  return [some, ...others, MARKS].join(" ");
}
