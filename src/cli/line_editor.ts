/**
 * A line being typed on a terminal, below everything that is printed meanwhile.
 *
 * `node:readline` edits: it knows the keys and keeps the history. It gets no output; what it has is
 * painted here, because the line must make room for what others say, and leave the screen when it
 * is entered.
 *
 * @module
 */

import { createInterface, type Interface } from "node:readline";
import { displayWidth } from "./display_width.ts";
import { type InputLayout, layOutInput } from "./input_layout.ts";
import type { Footer, Terminal } from "./terminal.ts";

const HISTORY_LINES = 200;

/** By then the program has stopped if it will, in milliseconds. */
const STOP_MS = 50;

/** What the editor tells of. */
export interface LineEditorEvents {
  /** A line was entered; it is no longer on the screen. */
  readonly onLine: (line: string) => void;
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Ctrl-D on an empty line, or the end of the input. */
  readonly onEnd: () => void;
}

/** Where keys come from; a terminal's has a raw mode. */
export type KeySource = NodeJS.ReadableStream & { setRawMode?(isRaw: boolean): unknown };

/** How an editor looks, and where its keys come from. */
export interface LineEditorOptions extends LineEditorEvents {
  /** The keys: `process.stdin`, or a stream in a test. */
  readonly input: KeySource;
  /** What stands before the line; printable. */
  readonly prompt: string;
  /** Colors a part of the prompt. */
  readonly paint: (prompt: string) => string;
}

/** What of the editor is on the screen. */
interface Painted extends InputLayout {
  readonly columns: number;
}

/** Reads lines from a terminal in raw mode. While it is open it is the terminal's footer. */
export class LineEditor implements Footer, Disposable {
  readonly #terminal: Terminal;
  readonly #options: LineEditorOptions;
  readonly #readline: Interface;
  readonly #onKey = () => this.#refreshSoon();
  #painted: Painted | null = null;
  #isRefreshing = false;
  #isClosed = false;

  /** Puts the terminal into raw mode, and the prompt on it. */
  constructor(terminal: Terminal, options: LineEditorOptions) {
    this.#terminal = terminal;
    this.#options = options;
    const { input, onInterrupt, onEnd } = options;
    this.#readline = createInterface({
      input,
      terminal: true,
      prompt: "",
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
    });
    this.#readline.on("line", (line) => this.#enter(line));
    this.#readline.on("SIGINT", onInterrupt);
    this.#readline.on("SIGTSTP", () => this.#suspend());
    this.#readline.on("close", () => {
      if (!this.#isClosed) onEnd();
    });
    input.on("keypress", this.#onKey);
    onResize("add", this.#onKey);
    terminal.setFooter(this);
  }

  /** See {@linkcode Footer.erase}. */
  erase(): string {
    if (this.#painted === null) return "";
    const up = rowsAboveCursor(this.#painted, this.#terminal.width);
    this.#painted = null;
    return `\r${up === 0 ? "" : `\x1b[${up}A`}\x1b[J`;
  }

  /** See {@linkcode Footer.draw}. */
  draw(): string {
    const { prompt, paint } = this.#options;
    const { line, cursor } = this.#readline;
    const columns = this.#terminal.width;
    const layout = layOutInput(prompt, line, cursor, columns);
    this.#painted = { ...layout, columns };
    const { rows, cursorRow, cursorColumn } = layout;
    const [first = "", ...others] = rows;
    const head = first.startsWith(prompt) ? paint(prompt) + first.slice(prompt.length) : first;
    const up = rows.length - 1 - cursorRow;
    return [head, ...others].join("\r\n") + (up === 0 ? "" : `\x1b[${up}A`) + "\r" +
      (cursorColumn === 0 ? "" : `\x1b[${cursorColumn}C`);
  }

  /** Removes the line from the screen and puts the terminal back into its usual mode. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    onResize("remove", this.#onKey);
    this.#options.input.removeListener("keypress", this.#onKey);
    this.#terminal.setFooter(null);
    this.#readline.close();
  }

  /** See {@linkcode LineEditor.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #enter(line: string): void {
    if (this.#isClosed) return;
    // The line has left the editor: without it, what is on the screen isn't true any more.
    this.#terminal.refreshFooter();
    this.#options.onLine(line);
  }

  /** What comes at once, such as a pasted text, is painted once. */
  #refreshSoon(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    setTimeout(() => {
      this.#isRefreshing = false;
      if (!this.#isClosed) this.#terminal.refreshFooter();
    });
  }

  /** Ctrl-Z: leaves the terminal to the shell. What is set off after the stop happens after `fg`,
   * or at once where no shell could bring the program back, and so nothing stops it. */
  #suspend(): void {
    if (Deno.build.os === "windows") return;
    const { input } = this.#options;
    this.#terminal.setFooter(null);
    input.setRawMode?.(false);
    Deno.kill(Deno.pid, "SIGTSTP");
    setTimeout(() => {
      if (this.#isClosed) return;
      input.setRawMode?.(true);
      this.#terminal.setFooter(this);
    }, STOP_MS);
  }
}

/** How far down the cursor is. A terminal that became narrower has broken the rows in two. */
function rowsAboveCursor(painted: Painted, columns: number): number {
  const { rows, cursorRow, cursorColumn } = painted;
  if (columns >= painted.columns) return cursorRow;
  const above = rows.slice(0, cursorRow)
    .reduce((sum, row) => sum + Math.max(1, Math.ceil(displayWidth(row) / columns)), 0);
  return above + Math.floor(cursorColumn / columns);
}

function onResize(change: "add" | "remove", listener: () => void): void {
  if (Deno.build.os === "windows") return; // There is no such signal; the next key repaints.
  if (change === "add") Deno.addSignalListener("SIGWINCH", listener);
  else Deno.removeSignalListener("SIGWINCH", listener);
}
