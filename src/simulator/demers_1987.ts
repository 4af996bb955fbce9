/**
 * The tables of Demers et al., Epidemic Algorithms for Replicated Database Maintenance, 1987, section
 * 1.4, and how near to them a simulation should come.
 *
 * The paper's average delays are left out: they aren't the mean of when the nodes heard the rumor.
 *
 * Two of its figures come from few or widely scattered trials, so that many trials of ours can't but
 * move away from them. A pull with k = 3 misses 3.5 nodes in a million, not 4.0. Blind, with a coin and
 * k = 1, one node at a time has the rumor until it comes to somebody who knows it, on the average in
 * cycle 39.3, not 38; its standard deviation is 21 cycles.
 *
 * @module
 */

import type { EpidemicResult } from "./epidemic.ts";
import type { MongeringOptions } from "./epidemic_options.ts";
import type { EpidemicStatistics } from "./epidemic_statistics.ts";

/** What the paper gives. */
export const PAPER_MEASURES = ["residue", "traffic", "tLast"] as const;

/** See {@linkcode PAPER_MEASURES}. */
export type PaperMeasure = (typeof PAPER_MEASURES)[number];

/** A row. */
export type PaperRow = Readonly<Record<PaperMeasure, number>>;

/** A table. Its rows are those of k = 1, 2 and so on. */
export interface PaperTable extends Omit<MongeringOptions, "k"> {
  /** The number of the table in the paper. */
  readonly number: number;
  readonly rows: readonly PaperRow[];
}

/** The number of nodes in all tables. */
export const PAPER_NODES = 1000;

/** The tables. */
export const PAPER_TABLES: readonly PaperTable[] = [
  {
    ...{ number: 1, mode: "push", reaction: "feedback", stop: "counter" },
    rows: [
      { residue: 0.18, traffic: 1.7, tLast: 16.8 },
      { residue: 0.037, traffic: 3.3, tLast: 16.9 },
      { residue: 0.011, traffic: 4.5, tLast: 17.4 },
      { residue: 0.0036, traffic: 5.6, tLast: 17.5 },
      { residue: 0.0012, traffic: 6.7, tLast: 17.7 },
    ],
  },
  {
    ...{ number: 2, mode: "push", reaction: "blind", stop: "coin" },
    rows: [
      { residue: 0.96, traffic: 0.04, tLast: 38 },
      { residue: 0.20, traffic: 1.6, tLast: 33 },
      { residue: 0.060, traffic: 2.8, tLast: 32 },
      { residue: 0.021, traffic: 3.9, tLast: 32 },
      { residue: 0.008, traffic: 4.9, tLast: 32 },
    ],
  },
  {
    ...{ number: 3, mode: "pull", reaction: "feedback", stop: "counter" },
    rows: [
      { residue: 3.1e-2, traffic: 2.70, tLast: 17.6 },
      { residue: 5.8e-4, traffic: 4.49, tLast: 15.4 },
      { residue: 4.0e-6, traffic: 6.09, tLast: 14.0 },
    ],
  },
];

/** So many trials at least. */
const TRIALS_MIN = 1000;
/** And so many that about so many nodes are missed in all. */
const MISSED_MIN = 30;

/** How many trials it takes to say something about a row. */
export function trialsFor({ residue }: PaperRow): number {
  return Math.max(TRIALS_MIN, Math.ceil(MISSED_MIN / (residue * PAPER_NODES)));
}

/** By how much a measure may deviate: a part of the paper's residue and traffic, so many cycles. */
export function markOf({ reaction, stop }: PaperTable, k: number, measure: PaperMeasure): number {
  if (measure === "residue") return k <= 3 ? 0.1 : 0.2;
  if (measure === "traffic") return 0.03;
  return reaction === "blind" && stop === "coin" ? 1 : 0.5;
}

/** Whether a deviation is within its mark. Undecided: it is not, but by chance it may be, since twice
 * the standard error of our trials would make up for it. */
export type DeviationVerdict = "within" | "beyond" | "undecided";

/** Our deviation from a figure of the paper. */
export interface Deviation {
  /** A part of the paper's residue and traffic, or so many cycles. */
  readonly deviation: number;
  readonly verdict: DeviationVerdict;
}

/** Compares the trials of a row with the paper. */
export function compareWithPaper(
  table: PaperTable,
  k: number,
  { trials, means, standardErrors }: Pick<
    EpidemicStatistics,
    "trials" | "means" | "standardErrors"
  >,
): Readonly<Record<PaperMeasure, Deviation>> {
  const row = table.rows[k - 1]!;
  const compare = (measure: PaperMeasure & keyof EpidemicResult): Deviation => {
    const unit = measure === "tLast" ? 1 : row[measure];
    const deviation = (means[measure] - row[measure]) / unit;
    const excess = Math.abs(deviation) - markOf(table, k, measure);
    if (excess <= 0) return { deviation, verdict: "within" };
    // A single trial tells nothing; and that nobody was missed isn't known better than to one node.
    const leastError = measure === "residue" ? 1 / (PAPER_NODES * trials) : 0;
    const error = Math.max(standardErrors[measure] ?? Infinity, leastError);
    const uncertainty = 2 * error / unit;
    return { deviation, verdict: excess > uncertainty ? "beyond" : "undecided" };
  };
  return { residue: compare("residue"), traffic: compare("traffic"), tLast: compare("tLast") };
}
