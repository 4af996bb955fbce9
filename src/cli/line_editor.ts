/**
 * A line being typed on a terminal, below everything that is printed meanwhile.
 *
 * `node:readline` edits and keeps the history. It gets keys through its method `write` alone, for
 * the sake of pasted text, and no output; what it has is painted here, because the line must make room for what others say, and leave the screen when it
 * is entered.
 *
 * @module
 */

import { createInterface, type Interface, type Key } from "node:readline";
import { PassThrough } from "node:stream";
import { displayWidth } from "./display_width.ts";
import { type InputLayout, layOutInput } from "./input_layout.ts";
import { KeyReader } from "./key_reader.ts";
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
  /** Ctrl-D on an empty line, or the end of the input, be it a failure to read. */
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
  readonly #keys: KeyReader;
  readonly #onResize = () => this.#refreshSoon();
  readonly #onInputEnd = () => this.#readline.close();
  #painted: Painted | null = null;
  #isRefreshing = false;
  #isClosed = false;
  /** Whether readline takes no more. */
  #hasEnded = false;

  /** Puts the terminal into raw mode, and the prompt on it. */
  constructor(terminal: Terminal, options: LineEditorOptions) {
    this.#terminal = terminal;
    this.#options = options;
    const { input, onInterrupt, onEnd } = options;
    this.#readline = createInterface({
      input: new PassThrough(),
      terminal: true,
      prompt: "",
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
    });
    this.#readline.on("line", (line) => this.#enter(line));
    this.#readline.on("SIGINT", onInterrupt);
    this.#readline.on("SIGTSTP", () => this.#suspend());
    this.#readline.on("close", () => {
      this.#hasEnded = true;
      if (!this.#isClosed) onEnd();
    });
    this.#setRawMode(true);
    this.#keys = new KeyReader(input, {
      onText: (text) => this.#write(text),
      onKey: (sequence, key) => this.#write(sequence, key),
    });
    input.on("end", this.#onInputEnd);
    input.on("error", this.#onInputEnd);
    onResize("add", this.#onResize);
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
    onResize("remove", this.#onResize);
    this.#keys.close();
    this.#options.input.removeListener("end", this.#onInputEnd);
    this.#terminal.setFooter(null);
    this.#setRawMode(false);
    this.#readline.close();
  }

  /** See {@linkcode LineEditor.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Lets readline do what a text or a key means. */
  #write(text: string | undefined, key?: Key): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#readline.write(text as string, key);
    this.#refreshSoon();
  }

  #setRawMode(isRaw: boolean): void {
    try {
      this.#options.input.setRawMode?.(isRaw);
    } catch {
      // The terminal is gone, and with it its modes.
    }
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
    this.#terminal.setFooter(null);
    this.#setRawMode(false);
    Deno.kill(Deno.pid, "SIGTSTP");
    setTimeout(() => {
      if (this.#isClosed) return;
      this.#setRawMode(true);
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
