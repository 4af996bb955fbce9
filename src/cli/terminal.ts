/**
 * What a command prints and asks, and where it goes.
 *
 * | | people | `--json` | `--quiet` |
 * |---|---|---|---|
 * | `event` | | stdout | |
 * | `result` | stdout | stderr | as without, but nothing with `--json` |
 * | `say` | stdout | stderr | nothing |
 * | `notice` | stderr | stderr | nothing |
 * | `progress` | stderr, on a terminal only | the same | nothing |
 * | `warn`, `error` | stderr | stderr | stderr |
 *
 * So `--quiet` leaves what the command was run for, and `--json` leaves nothing on stdout but JSON.
 *
 * @module
 */

import { type ByteSource, LineReader } from "./line_reader.ts";
import { oneLine } from "./quote.ts";
import { type ByteSink, writeFully } from "./write_fully.ts";

/** A standard stream, which may be a terminal. */
export interface MaybeTerminal {
  /** Whether a person sees or types it. */
  isTerminal(): boolean;
}

/** The streams of a process; the default ones are its own. */
export interface Streams {
  /** Where answers come from. */
  readonly stdin: ByteSource & MaybeTerminal;
  /** Where results go. */
  readonly stdout: ByteSink & MaybeTerminal;
  /** Where errors, warnings and progress go. */
  readonly stderr: ByteSink & MaybeTerminal;
}

/** What a terminal is told by the command line. */
export interface TerminalOptions {
  /** What stands before errors and warnings, such as `mpcomm lab`. */
  readonly command: string;
  /** Events on stdout as JSON lines, text for people on stderr. */
  readonly json?: boolean;
  /** Nothing but results and errors. */
  readonly quiet?: boolean;
  /** Whether colors are wanted; they are used on terminals only. */
  readonly color?: boolean;
  /** Where it all goes; the process's own streams unless told otherwise. */
  readonly streams?: Streams;
}

type Style = "bold" | "dim" | "red" | "green" | "yellow";

const STYLES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};
const ERASE_LINE = "\r\x1b[K";
const WIDTH_DEFAULT = 80;

/** Why {@linkcode Terminal.closed} was aborted, if it is because the terminal itself is gone. */
export const HANG_UP = "the terminal is gone";

/** What stays below everything that is printed to a terminal, such as a line being typed. */
export interface Footer {
  /** What removes it from the screen and leaves the cursor where it began; empty if it isn't
   * there. */
  erase(): string;
  /** What puts it on the screen, in its present state. */
  draw(): string;
}

/**
 * The command's way to people and to programs. All writes are complete when the method returns.
 *
 * When nobody reads stdout any more (`| head`, a terminal's window that was closed), what is meant
 * for it is dropped from then on, and {@linkcode Terminal.closed} tells the command to come to its
 * end. So it does when the terminal that stdin was is gone.
 */
export class Terminal {
  /** Whether stdout is for JSON lines. */
  readonly json: boolean;
  /** Whether only results and errors are wanted. */
  readonly quiet: boolean;
  readonly #command: string;
  readonly #color: boolean;
  readonly #streams: Streams;
  readonly #encoder = new TextEncoder();
  readonly #closed = new AbortController();
  readonly #gone = new Set<ByteSink>();
  /** Which streams were terminals at first: one that is gone says that it isn't one. */
  readonly #terminals = new Set<MaybeTerminal>();
  #lines: LineReader | undefined;
  #footer: Footer | null = null;
  /** Whether a line of progress is to be seen; then nothing else is on that line. */
  #progressing = false;

  /** Prints as the options say. */
  constructor(options: TerminalOptions) {
    this.#command = options.command;
    this.json = options.json ?? false;
    this.quiet = options.quiet ?? false;
    this.#color = options.color ?? true;
    this.#streams = options.streams ?? Deno;
    const { stdin, stdout, stderr } = this.#streams;
    for (const stream of [stdin, stdout, stderr]) {
      if (stream.isTerminal()) this.#terminals.add(stream);
    }
  }

  /** Aborted once nobody reads stdout any more; with {@linkcode HANG_UP} as the reason, once there
   * is no terminal any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Whether a person types and reads here, on a terminal that can move its cursor. */
  get interactive(): boolean {
    const { stdin, stdout } = this.#streams;
    if (this.json || this.#streams === Deno && Deno.env.get("TERM") === "dumb") return false;
    return stdin.isTerminal() && stdout.isTerminal();
  }

  /** Whether a person types here, wherever the output goes. */
  get typed(): boolean {
    return this.#terminals.has(this.#streams.stdin);
  }

  /** Looks whether the terminal that stdin was is gone; that counts as {@linkcode HANG_UP}. */
  checkInput(): void {
    if (this.typed && !this.#streams.stdin.isTerminal()) this.#closed.abort(HANG_UP);
  }

  /** Columns of the terminal that people read; 80 where it isn't one. */
  get width(): number {
    if (this.#streams !== Deno || !this.#peopleStream.isTerminal()) return WIDTH_DEFAULT;
    try {
      return Deno.consoleSize().columns || WIDTH_DEFAULT;
    } catch {
      return WIDTH_DEFAULT; // The terminal is only at another stream, which Deno doesn't measure.
    }
  }

  /** Prints an object as one line of JSON, in `--json` mode only. */
  event(object: Readonly<Record<string, unknown>>): void {
    if (this.json) this.#print(this.#streams.stdout, `${JSON.stringify(object)}\n`);
  }

  /** Prints text for people, and a line break; silent with `--quiet`. */
  say(text: string): void {
    if (!this.quiet) this.#print(this.#peopleStream, `${text}\n`);
  }

  /** Prints text for people that is no part of the results, and a line break; silent with
   * `--quiet`. */
  notice(text: string): void {
    if (!this.quiet) this.#print(this.#streams.stderr, `${text}\n`);
  }

  /** Prints what the command was run for, such as a table, and a line break. With `--json` the
   * events are the result and this is text for people. */
  result(text: string): void {
    if (!(this.json && this.quiet)) this.#print(this.#peopleStream, `${text}\n`);
  }

  /** Prints to stdout as it is, for output of which each byte counts. */
  write(text: string | Uint8Array): void {
    this.#print(this.#streams.stdout, text);
  }

  /** Prints a warning on one line. */
  warn(text: string): void {
    this.#complain("yellow", `warning: ${oneLine(text)}`);
  }

  /** Prints an error on one line. */
  error(text: string): void {
    this.#complain("red", oneLine(text));
  }

  /** Shows what is going on, on a line that the next call and any other output replaces; an empty
   * text removes it. On a terminal only. */
  progress(text: string): void {
    const { stderr } = this.#streams;
    if (this.quiet || !stderr.isTerminal()) return;
    this.#clearProgress();
    if (text === "") return;
    const room = this.width - 1;
    const line = [...oneLine(text)];
    const cut = line.length <= room ? line.join("") : `${line.slice(0, room - 1).join("")}…`;
    this.#print(stderr, cut);
    this.#progressing = true;
  }

  /**
   * Asks and waits for a line on stdin, which may as well be a pipe or a file; then the answer is
   * shown after the question. With `--quiet` the question is shown to people at a terminal only.
   *
   * @returns Null at the end of stdin, or when the signal stops the wait.
   */
  async ask(question: string, signal?: AbortSignal): Promise<string | null> {
    const { stdin } = this.#streams;
    const typed = stdin.isTerminal();
    const shown = typed || !this.quiet;
    if (shown) this.#print(this.#peopleStream, `${question} `);
    const answer = await this.nextLine(signal);
    // People have typed the line break themselves; a script's answer and the end are not on view.
    if (shown && (!typed || answer === null)) this.#print(this.#peopleStream, `${answer ?? ""}\n`);
    return answer;
  }

  /**
   * Waits for a line on stdin without a question.
   *
   * @returns Null at the end of stdin, or when the signal stops the wait.
   */
  async nextLine(signal?: AbortSignal): Promise<string | null> {
    this.#lines ??= new LineReader(this.#streams.stdin);
    try {
      const line = await this.#lines.next(signal);
      if (line === null && !signal?.aborted) this.checkInput();
      return line;
    } catch (error) {
      if (!this.#isHangUp(this.#streams.stdin, error)) throw error;
      this.#closed.abort(HANG_UP);
      return null;
    }
  }

  /** Keeps something below all that is printed from now on; null for nothing. What is there is
   * erased first. */
  setFooter(footer: Footer | null): void {
    const erased = this.#footer?.erase() ?? "";
    this.#footer = footer;
    this.#write(this.#streams.stdout, erased + (footer?.draw() ?? ""));
  }

  /** Shows the footer as it is now. */
  refreshFooter(): void {
    this.#print(this.#streams.stdout, "");
  }

  /** Makes text for people bold, where there are colors. */
  bold(text: string): string {
    return this.#style(this.#peopleStream, "bold", text);
  }

  /** Makes text for people dim, where there are colors. */
  dim(text: string): string {
    return this.#style(this.#peopleStream, "dim", text);
  }

  /** Makes text for people red, where there are colors. */
  red(text: string): string {
    return this.#style(this.#peopleStream, "red", text);
  }

  /** Makes text for people green, where there are colors. */
  green(text: string): string {
    return this.#style(this.#peopleStream, "green", text);
  }

  /** Whether text for people has colors. */
  get colors(): boolean {
    return this.#color && this.#peopleStream.isTerminal();
  }

  get #peopleStream(): ByteSink & MaybeTerminal {
    return this.json ? this.#streams.stderr : this.#streams.stdout;
  }

  #complain(style: Style, text: string): void {
    const { stderr } = this.#streams;
    this.#print(stderr, `${this.#style(stderr, style, `${this.#command}:`)} ${text}\n`);
  }

  #style(stream: MaybeTerminal, style: Style, text: string): string {
    if (!this.#color || !stream.isTerminal()) return text;
    const [on, off] = STYLES[style];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  }

  #clearProgress(): void {
    if (!this.#progressing) return;
    this.#progressing = false;
    this.#print(this.#streams.stderr, ERASE_LINE);
  }

  #print(stream: ByteSink & MaybeTerminal, text: string | Uint8Array): void {
    this.#clearProgress();
    const footer = stream.isTerminal() ? this.#footer : null;
    if (footer !== null) {
      const shown = typeof text === "string" ? text : new TextDecoder().decode(text);
      text = footer.erase() + shown + footer.draw();
    }
    this.#write(stream, text);
  }

  #write(stream: ByteSink, text: string | Uint8Array): void {
    if (text.length === 0) return;
    if (this.#gone.has(stream)) return;
    let isHangUp = false;
    try {
      if (writeFully(stream, typeof text === "string" ? this.#encoder.encode(text) : text)) return;
    } catch (error) {
      isHangUp = this.#isHangUp(stream, error);
      if (!isHangUp) throw error;
    }
    this.#gone.add(stream);
    if (stream === this.#streams.stdout) this.#closed.abort(isHangUp ? HANG_UP : undefined);
  }

  /** A file that says so is on a bad disk; a terminal has lost its window. */
  #isHangUp(stream: ByteSink | ByteSource, error: unknown): boolean {
    const isTerminal = this.#terminals.has(stream as ByteSink & MaybeTerminal);
    return isTerminal && (error as { code?: unknown } | null)?.code === "EIO";
  }
}
