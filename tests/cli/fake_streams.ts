import type { Streams } from "../../src/cli/terminal.ts";

/** No test waits longer than this for something to be written. */
const BOUND_MS = 30_000;

/** Streams that keep what is written, in the sequence in which it is written. */
export class FakeStreams implements Streams {
  /** What was written to stdout. */
  out = "";
  /** What was written to stderr. */
  err = "";
  /** What a person would see if both are the same terminal. */
  screen = "";
  #changed = Promise.withResolvers<void>();
  readonly stdin: Streams["stdin"];
  readonly stdout: Streams["stdout"];
  readonly stderr: Streams["stderr"];

  /** Each stream in `terminals` is one; `input` is what stdin gives, a read for each chunk. */
  constructor(terminals: readonly ("stdin" | "stdout" | "stderr")[] = [], input: string[] = []) {
    const decoder = new TextDecoder();
    const sink = (name: "stdout" | "stderr", keep: (text: string) => void) => ({
      isTerminal: () => terminals.includes(name),
      writeSync: (bytes: Uint8Array) => {
        const part = bytes.subarray(0, 7); // A partial write, as of a nearly full pipe.
        keep(decoder.decode(part, { stream: true }));
        this.touch();
        return part.length;
      },
    });
    this.stdout = sink("stdout", (text) => (this.out += text, this.screen += text));
    this.stderr = sink("stderr", (text) => (this.err += text, this.screen += text));
    const chunks = input.map((text) => new TextEncoder().encode(text));
    this.stdin = {
      isTerminal: () => terminals.includes("stdin"),
      read: (buffer) => {
        const chunk = chunks.shift();
        if (chunk !== undefined) buffer.set(chunk);
        return Promise.resolve(chunk?.length ?? null);
      },
    };
  }
  /** Lets those who wait look again, as whatever is written does. */
  touch(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Looks whenever something was written, until this holds, or in vain for long: returns whether it
   * holds. It never looks in the middle of what is written at once. */
  async until(holds: () => boolean): Promise<boolean> {
    const over = Promise.withResolvers<void>();
    let isOver = false;
    const timer = setTimeout(() => (isOver = true, over.resolve()), BOUND_MS);
    try {
      while (!holds() && !isOver) await Promise.race([this.#changed.promise, over.promise]);
      return holds();
    } finally {
      clearTimeout(timer);
    }
  }
}
