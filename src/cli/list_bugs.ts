/**
 * What `mpcomm simulate order --bug list` does.
 *
 * @module
 */

import { formatTable } from "../report/table.ts";
import { ORDER_BUGS } from "../simulator/bugs.ts";
import type { Terminal } from "./terminal.ts";

/** Explains the deliberate mistakes; returns the exit code. */
export function listBugs(terminal: Terminal): number {
  const bugs = [...ORDER_BUGS.values()];
  for (const { name, order, caughtBy, explanation } of bugs) {
    terminal.event({ event: "bug", name, order, caughtBy, explanation });
  }
  const rows = bugs.map(({ name, order, caughtBy }) => [name, order, caughtBy]);
  const styleHeader = (text: string) => terminal.bold(text);
  terminal.result(formatTable(["mistake", "order", "caught by"], rows, { styleHeader }));
  for (const { name, explanation } of bugs) {
    terminal.result(`\n${terminal.bold(name)}: ${explanation}.`);
  }
  return 0;
}
