/**
 * A command that waits for a lock, runs while it has it, and lets it go.
 *
 * @module
 */

import { CommandError } from "../hosts/find_command.ts";
import type { GuardedCommand } from "../hosts/guarded_command.ts";
import { pause } from "../hosts/pause.ts";
import type { RingEntry } from "../hosts/ring_entry.ts";
import type { LockListener } from "../hosts/ring_lock.ts";
import { printable } from "./printable.ts";
import type { Signals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";
import { describeMinority } from "./tokenring_output.ts";

/** These reach the command while it runs. */
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Before it asks again, after the node through which it waited has ended, in milliseconds. */
const ASK_AGAIN_MS = 20;

/** What a run needs. */
export interface LockedRunOptions {
  /** Prepared, and not started. */
  readonly command: GuardedCommand;
  readonly terminal: Terminal;
  /** Stop the waiting. They are let go when the command starts: then it is its turn. */
  readonly signals: Signals;
  /** Whether to give up if somebody else has the lock. */
  readonly isTry: boolean;
  /** How long to wait for the lock. */
  readonly timeoutMs: number;
  /** Finds a way to the lock. */
  readonly enter: () => Promise<RingEntry>;
}

/** How it has ended. */
export type LockedRunEnd =
  | { readonly type: "ended"; readonly code: number }
  /** The lock was lost while the command ran. */
  | { readonly type: "lost"; readonly reason: string }
  /** It was only tried, and somebody else had the lock. */
  | { readonly type: "busy"; readonly holder: string; readonly fence: number }
  /** The reason may be empty. */
  | { readonly type: "timeout"; readonly reason: string }
  /** A signal came before the lock. */
  | { readonly type: "stopped" }
  /** With the exit code that says why. */
  | { readonly type: "failed"; readonly reason: string; readonly code: number };

/** Who only tries waits no longer for an answer: whether somebody has the lock is known much sooner,
 * unless the node through which it was asked stands still. */
const TRY_MS = 5000;

const NO_ANSWER: LockedRunEnd = {
  type: "failed",
  reason: "the lock did not come within 5 s, and nobody is known to have it",
  code: 1,
};

/** What happens to a wish for the lock: it has ended, or must be made again elsewhere. */
type WishEnd = LockedRunEnd | { readonly type: "again" };

/** Waits, runs, lets go. */
export class LockedRun {
  readonly #options: LockedRunOptions;
  readonly #stop = Promise.withResolvers<LockedRunEnd>();
  #isStarted = false;
  /** Why nobody gets the lock, if that is so. */
  #obstacle = "";

  constructor(options: LockedRunOptions) {
    this.#options = options;
  }

  /** Does it all. */
  async finished(): Promise<LockedRunEnd> {
    const { signals, timeoutMs, terminal, isTry } = this.#options;
    const timer = timeoutMs === Infinity ? undefined : setTimeout(() => {
      this.#stop.resolve({ type: "timeout", reason: this.#obstacle });
    }, timeoutMs);
    const trial = isTry ? setTimeout(() => this.#stop.resolve(NO_ANSWER), TRY_MS) : undefined;
    void signals.untilStopped().then(() => this.#stop.resolve({ type: "stopped" }));
    try {
      for (;;) {
        const entry = await this.#enter();
        if ("type" in entry) return entry;
        const end = await this.#wish(entry, () => {
          clearTimeout(timer);
          clearTimeout(trial);
        });
        if (end.type !== "again") return end;
        await pause(ASK_AGAIN_MS * (1 + Math.random()));
      }
    } finally {
      clearTimeout(timer);
      clearTimeout(trial);
      terminal.progress("");
    }
  }

  /** Finds a way, unless it is to stop before. */
  async #enter(): Promise<RingEntry | LockedRunEnd> {
    const entering = this.#options.enter();
    const entry = await Promise.race([entering, this.#stop.promise]);
    if ("type" in entry) entering.then((late) => late.leave(null), () => {});
    return entry;
  }

  /** Wants the lock at one place. */
  async #wish(entry: RingEntry, onStart: () => void) {
    const wish = Promise.withResolvers<WishEnd>();
    using passing = new PassedSignals(this.#options.command);
    const handle = entry.lock(this.#listener(wish.resolve, () => {
      onStart();
      passing.begin();
    }));
    // Once the command runs, it alone says when it ends.
    void this.#stop.promise.then((end) => {
      if (!this.#isStarted) wish.resolve(end);
    });
    try {
      return await wish.promise;
    } finally {
      await entry.leave(handle);
    }
  }

  #listener(end: (end: WishEnd) => void, onStart: () => void): LockListener {
    const { command, terminal, signals, isTry } = this.#options;
    let lost: string | null = null;
    return {
      granted: (fence, until) => {
        if (signals.stop.aborted) return;
        this.#isStarted = true;
        terminal.progress("");
        onStart();
        signals[Symbol.dispose]();
        const now = performance.now();
        command.start({ fence, remainingMs: until - now, countedFrom: now });
        command.ended.then(
          ({ code, wasEnded }) => {
            if (wasEnded === "lease") lost ??= "its lease was not extended in time";
            end(lost === null ? { type: "ended", code } : { type: "lost", reason: lost });
          },
          (error: Error) => {
            const code = error instanceof CommandError ? error.exitCode : 1;
            end({ type: "failed", reason: error.message, code });
          },
        );
      },
      extended: (until) => {
        const now = performance.now();
        if (this.#isStarted) command.extend(until - now, now);
      },
      lost: (why) => {
        if (!this.#isStarted) return end({ type: "again" });
        lost = why;
        command.signal("SIGTERM");
      },
      refused: (why) => {
        if (!this.#isStarted) end({ type: "failed", reason: why, code: 1 });
      },
      busy: (holder, fence) => {
        if (this.#isStarted) return;
        if (isTry) return end({ type: "busy", holder, fence });
        this.#obstacle = `${printable(holder)} has it (fence ${fence})`;
        terminal.progress(`Waiting for the lock: ${this.#obstacle}`);
      },
      quorum: (hasQuorum, reached, machines) => {
        const obstacle = hasQuorum ? "" : describeMinority(reached, machines);
        if (obstacle === this.#obstacle || this.#isStarted) return;
        this.#obstacle = obstacle;
        if (hasQuorum) return;
        if (isTry) end({ type: "failed", reason: obstacle, code: 1 });
        else terminal.warn(obstacle);
      },
    };
  }
}

/** Passes signals on to the command while it runs. */
class PassedSignals implements Disposable {
  readonly #command: GuardedCommand;
  readonly #listeners = new Map<Deno.Signal, () => void>();

  constructor(command: GuardedCommand) {
    this.#command = command;
  }

  /** The command runs: from now on they are for it. */
  begin(): void {
    for (const signal of PASSED_ON) {
      const listener = () => this.#command.signal(signal);
      this.#listeners.set(signal, listener);
      Deno.addSignalListener(signal, listener);
    }
  }

  /** Signals have their usual effect again. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.clear();
  }
}
