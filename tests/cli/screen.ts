/**
 * A terminal's screen, as far as this program uses one: what a person sees after all that was
 * written.
 *
 * @module
 */

import { displayWidth } from "../../src/cli/display_width.ts";

// deno-lint-ignore no-control-regex
const TOKEN = /\x1b\[([0-9;]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]/gu;

/** Rows that grow downwards; nothing scrolls away. */
export class Screen {
  /** A cell holds a character, or nothing where a wide one lies over it. */
  readonly #rows: string[][] = [[]];
  readonly #columns: number;
  #row = 0;
  #column = 0;

  /** A screen of so many columns. */
  constructor(columns = 80) {
    this.#columns = columns;
  }

  /** Shows a text; colors and styles are ignored. Throws at what it doesn't know. */
  write(text: string): void {
    let end = 0;
    for (const match of text.matchAll(TOKEN)) {
      if (match.index !== end) break;
      end += match[0].length;
      const [token, parameters, command] = match;
      if (command !== undefined) this.#control(command, Number(parameters || 1), token);
      else if (token === "\r") this.#column = 0;
      else if (token === "\n") this.#breakLine();
      else this.#put(token);
    }
    if (end !== text.length) throw new Error(`Unknown: ${JSON.stringify(text.slice(end))}`);
  }

  /** What is to be seen, without blanks at the ends of rows and without empty rows at the end. */
  get text(): string {
    return this.#rows.map((row) => Array.from(row, (cell) => cell ?? " ").join("").trimEnd())
      .join("\n").trimEnd();
  }

  /** Where the cursor is, both from 0. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  #control(command: string, count: number, token: string): void {
    if (command === "m") return;
    if (command === "A") this.#row = Math.max(0, this.#row - count);
    else if (command === "C") this.#column = Math.min(this.#columns - 1, this.#column + count);
    else if (command === "K") this.#rows[this.#row]!.length = this.#column;
    else if (command === "J") {
      this.#rows[this.#row]!.length = Math.min(this.#rows[this.#row]!.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else throw new Error(`Unknown: ${JSON.stringify(token)}`);
  }

  /** As a terminal does for programs that write `\n` alone. */
  #breakLine(): void {
    this.#row++;
    this.#column = 0;
    this.#rows[this.#row] ??= [];
  }

  #put(character: string): void {
    const width = displayWidth(character);
    if (this.#column + width > this.#columns) this.#breakLine();
    const row = this.#rows[this.#row]!;
    while (row.length < this.#column) row.push(" ");
    row[this.#column] = character;
    for (let i = 1; i < width; i++) row[this.#column + i] = "";
    this.#column += width;
  }
}
