/**
 * What `--bug list` does.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import type { Terminal } from "./terminal.ts";

/** A deliberate mistake, as it is explained. */
interface ListedBug {
  readonly name: string;
  /** The order of which it is a variation, if it is one of an order. */
  readonly order?: string;
  readonly explanation: string;
  readonly caughtBy: string;
}

/** Explains deliberate mistakes; returns the exit code. */
export function listBugs(bugs: readonly ListedBug[], terminal: Terminal): number {
  for (const { name, order, caughtBy, explanation } of bugs) {
    const ofOrder = order === undefined ? {} : { order };
    terminal.event({ event: "bug", name, ...ofOrder, caughtBy, explanation });
  }
  const hasOrders = bugs.some(({ order }) => order !== undefined);
  const header = ["mistake", ...(hasOrders ? ["order"] : []), "caught by"];
  const rows = bugs.map((
    { name, order, caughtBy },
  ) => [name, ...(hasOrders ? [order ?? ""] : []), caughtBy]);
  const styleHeader = (text: string) => terminal.bold(text);
  terminal.result(formatTable(header, rows, { styleHeader }));
  for (const { name, explanation } of bugs) {
    terminal.result(`\n${terminal.bold(name)}: ${explanation}.`);
  }
  return 0;
}
