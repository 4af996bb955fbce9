/**
 * The terminal's styles for what lays out text without knowing the terminal.
 *
 * @module
 */

import type { TableStyles } from "../report/run_table.ts";
import type { Terminal } from "./terminal.ts";

/** How this terminal makes words stand out. */
export function stylesOf(terminal: Terminal): TableStyles {
  return {
    bold: (text) => terminal.bold(text),
    dim: (text) => terminal.dim(text),
    red: (text) => terminal.red(text),
    green: (text) => terminal.green(text),
  };
}
