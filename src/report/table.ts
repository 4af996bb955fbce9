/**
 * Tables of text in aligned columns.
 *
 * ```ts
 * import { formatTable } from "./table.ts";
 *
 * const table = formatTable(["order", "rounds"], [["none", "300"], ["lamport", "7"]], {
 *   alignRight: [1],
 * });
 * console.assert(table === "order    rounds\nnone        300\nlamport       7");
 * ```
 *
 * @module
 */

/** How to lay a table out. */
export interface TableOptions {
  /** Columns, counted from 0, whose cells stand at the right, such as numbers. */
  readonly alignRight?: readonly number[];
  /** What each cell of the first line goes through after it has been laid out, such as bold. */
  readonly styleHeader?: (text: string) => string;
}

const GAP = "  ";
// What a style adds: ANSI sequences, which take no room on the screen.
// deno-lint-ignore no-control-regex
const STYLE = /\x1b\[[\d;]*m/g;

/**
 * Lays a table out: a line with the header and one for each row, two spaces between columns, none
 * at the end of a line. Cells may have ANSI styles in them; every other code point counts as one
 * column. Rows may be shorter than the header.
 *
 * @throws {RangeError} If a row is longer than the header, or a cell has a line break in it.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const widths = header.map(width);
  for (const row of rows) {
    if (row.length > header.length) throw new RangeError("A row has more cells than the header");
    for (const [column, cell] of row.entries()) {
      if (/[\r\n]/.test(cell)) throw new RangeError("A cell has a line break in it");
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    }
  }
  const right = new Set(options.alignRight);
  const layOut = (row: readonly string[], style = (text: string) => text) =>
    widths.map((columns, column) => {
      const cell = row[column] ?? "";
      const padding = " ".repeat(columns - width(cell));
      const styled = cell === "" ? "" : style(cell);
      return right.has(column) ? padding + styled : styled + padding;
    }).join(GAP).trimEnd();
  return [layOut(header, options.styleHeader), ...rows.map((row) => layOut(row))].join("\n");
}

function width(cell: string): number {
  return [...cell.replace(STYLE, "")].length;
}
