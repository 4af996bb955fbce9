/**
 * Signals: the first one asks the program to stop gracefully, the second one ends it at once.
 *
 * @module
 */

import { HANG_UP, type Terminal } from "./terminal.ts";

const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;

/** A signal that asks the program to stop. */
export type StopSignal = keyof typeof NUMBERS;

/** How to react to signals. */
export interface SignalOptions {
  /** Whose closed output counts as a SIGPIPE, which Deno itself never gives; that its window is gone
   * counts as a SIGHUP. */
  readonly terminal?: Terminal;
  /** Called by the second signal, before the program ends: for what must not survive it. */
  readonly onSecond?: () => void;
}

/**
 * Catches SIGINT, SIGTERM and SIGHUP from its making to its disposal.
 *
 * ```ts
 * import { catchSignals } from "./signals.ts";
 *
 * async function serve(): Promise<number> {
 *   using signals = catchSignals();
 *   await signals.untilStopped();
 *   return signals.exitCode(0);
 * }
 * ```
 */
export class Signals implements Disposable {
  readonly #stop = new AbortController();
  readonly #listeners = new Map<Deno.Signal, () => void>();
  readonly #closed: AbortSignal | undefined;
  readonly #onClosed = () => this.#receive(this.#closed?.reason === HANG_UP ? "SIGHUP" : "SIGPIPE");
  readonly #onSecond: (() => void) | undefined;
  #caught: StopSignal | null = null;

  /** Starts to catch signals. */
  constructor(options: SignalOptions = {}) {
    this.#onSecond = options.onSecond;
    for (const signal of stopSignals()) {
      const listener = () => this.#receive(signal);
      this.#listeners.set(signal, listener);
      Deno.addSignalListener(signal, listener);
    }
    this.#closed = options.terminal?.closed;
    this.#closed?.addEventListener("abort", this.#onClosed);
    if (this.#closed?.aborted) this.#onClosed();
  }

  /** Aborted by the first signal. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** The first signal, or null if there was none. */
  get caught(): StopSignal | null {
    return this.#caught;
  }

  /** Resolves at the first signal. */
  async untilStopped(): Promise<void> {
    if (this.stop.aborted) return;
    await new Promise((resolve) => this.stop.addEventListener("abort", resolve, { once: true }));
  }

  /** Takes Ctrl-C where the terminal hands it over as a key and makes no signal of it. */
  interrupt(): void {
    this.#receive("SIGINT");
  }

  /** 128 + n if signal number n asked the program to stop, otherwise the given code. */
  exitCode(code: number): number {
    return this.#caught === null ? code : 128 + NUMBERS[this.#caught];
  }

  /** Stops catching signals; from then on they have their usual effect. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.clear();
    this.#closed?.removeEventListener("abort", this.#onClosed);
  }

  #receive(signal: StopSignal): void {
    if (this.#caught === null) {
      this.#caught = signal;
      this.#stop.abort();
    } else if (signal === "SIGINT" || signal === "SIGTERM") {
      // A SIGHUP is nobody's impatience: the kernel and the shell both send one for one window.
      this.#onSecond?.();
      Deno.exit(128 + NUMBERS[signal]);
    }
  }
}

/** Starts to catch signals; dispose of the result when the work is done. */
export function catchSignals(options: SignalOptions = {}): Signals {
  return new Signals(options);
}

/** Windows knows no SIGTERM. */
function stopSignals(): readonly ("SIGINT" | "SIGTERM" | "SIGHUP")[] {
  return Deno.build.os === "windows" ? ["SIGINT", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}
