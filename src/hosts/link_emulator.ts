/**
 * A network between processes of one machine: sits between the datagram host and its socket, on the
 * sending side, and loses, doubles, delays and reorders what is sent.
 *
 * What happens to a datagram is decided by {@linkcode LinkFate} from the seed, the sender, the
 * receiver and the datagram's position among those of this pair. So the decisions for a pair repeat
 * from run to run whatever the other pairs do. Points in time are those of the machine and don't.
 *
 * **Accuracy.** A timer is right to about a millisecond, which is fine for a wide-area network and
 * would make ten of a local one's 0.1 ms. So what is under way for less than {@linkcode POLL_MS} is
 * waited for by looking at the clock in each turn of the event loop; everything else by one timer
 * for the earliest. Measured on an idle machine, from send to receipt over loopback: 0.03 to 0.1 ms
 * more than a delay that is polled, 0.4 to 0.9 ms more than a longer one (medians), and between 0.5
 * ms too early and 2 ms too late for nearly all.
 *
 * ```ts
 * import { LinkEmulator } from "./link_emulator.ts";
 * import { PERFECT_LINK } from "./link_spec.ts";
 *
 * const emulator = new LinkEmulator({
 *   seed: 42,
 *   process: 0,
 *   links: (to) => ({ ...PERFECT_LINK, delayMs: to === 1 ? 40 : 0 }),
 *   transmit: (_to, datagram) => console.assert(datagram.length === 1),
 * });
 * emulator.send(1, new Uint8Array([7])); // transmitted 40 ms later
 * emulator.close(); // or not at all
 * ```
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { DueQueue } from "./due_queue.ts";
import { type LinkClock, type LinkTimer, SYSTEM_CLOCK } from "./link_clock.ts";
import { LinkFate } from "./link_fate.ts";
import { isPerfect, type LinkSpec } from "./link_spec.ts";

/**
 * The delay in milliseconds from which on a timer is accurate enough.
 *
 * Trade-off: polling keeps a core busy for as long as something is under way. A process that sends
 * every millisecond takes a tenth of a core with delays of 0.1 ms, and a whole one with 1 ms: then
 * the processes of one machine would take the time from each other that polling is to gain.
 */
export const POLL_MS: Millis = 1;

/** What is under way for longer than that may leave this much too early, in milliseconds: waiting
 * for yet another timer would make it up to 2 ms late. */
export const EARLY_MS: Millis = 0.5;

/** What may be under way from one process, in bytes, {@linkcode OVERHEAD_BYTES} for each datagram
 * included. What comes on top is lost, as in the queue of a router. */
export const UNDER_WAY_LIMIT_BYTES: number = 64 * 2 ** 20;

/** What a datagram under way costs beside its content, so that the limit holds for small ones. */
export const OVERHEAD_BYTES = 256;

/** The stream of random numbers that link emulation draws from, so that other uses of the same seed
 * don't repeat its numbers. */
const RANDOM_STREAM = 0x6c696e6b;

/** What happened to the datagrams that a process sent. */
export interface LinkCounts {
  /** Datagrams that will never arrive, those in `overflowed` included. */
  lost: number;
  /** Datagrams that arrive twice. */
  duplicated: number;
  /** Copies that were held back so that later ones overtake them. Jitter's doing isn't counted. */
  reordered: number;
  /** Copies that were not transmitted at once, those held back included. */
  delayed: number;
  /** Datagrams dropped because too much was under way. */
  overflowed: number;
}

/** What an emulator is made of. */
export interface LinkEmulatorOptions {
  /** Together with the two processes it determines every decision. A safe integer. */
  readonly seed: number;
  /** The process whose sends pass through. */
  readonly process: ProcessId;
  /** The link to each process; asked once for each, at the first datagram to it. */
  readonly links: (to: ProcessId) => LinkSpec;
  /** Puts a datagram on the real network. It must not throw, and it must be done with the bytes, or
   * have copied them, when it returns. */
  readonly transmit: (to: ProcessId, datagram: Uint8Array) => void;
  /** The machine's clock by default. */
  readonly clock?: LinkClock;
}

interface Path {
  /** undefined: the link is perfect. */
  readonly fate: LinkFate | undefined;
}

interface UnderWay {
  readonly to: ProcessId;
  readonly datagram: Uint8Array;
  readonly isPolled: boolean;
}

/** The sending side of all links of one process. */
export class LinkEmulator {
  /** What happened so far. */
  readonly counts: Readonly<LinkCounts>;
  readonly #counts: LinkCounts;
  readonly #options: LinkEmulatorOptions;
  readonly #clock: LinkClock;
  readonly #paths = new Map<ProcessId, Path>();
  readonly #queue = new DueQueue<UnderWay>();
  #underWayBytes = 0; // Invariant: the sum of costOf over #queue, at most UNDER_WAY_LIMIT_BYTES
  #polled = 0; // Invariant: how many in #queue are polled
  #isTurnAwaited = false;
  #timer: LinkTimer | undefined;
  #timerDue: Millis = Infinity; // Invariant: Infinity exactly where there is no #timer
  #isClosed = false;
  /** Who waits until nothing is under way. */
  #drained = Promise.withResolvers<void>();

  constructor(options: LinkEmulatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#counts = { lost: 0, duplicated: 0, reordered: 0, delayed: 0, overflowed: 0 };
    this.counts = this.#counts;
  }

  /** How many copies are under way. */
  get underWay(): number {
    return this.#queue.size;
  }

  /**
   * Sends a datagram over the link to a process. The bytes may be used again when this returns.
   * After {@linkcode close} it does nothing.
   *
   * @throws {RangeError} If the link's specification is out of range, at the first datagram to `to`.
   */
  send(to: ProcessId, datagram: Uint8Array): void {
    if (this.#isClosed) return;
    const { fate } = this.#paths.get(to) ?? this.#open(to);
    if (fate === undefined) {
      this.#options.transmit(to, datagram);
      return;
    }
    const delays = fate.next();
    if (delays.length === 0) {
      this.#counts.lost++;
      return;
    }
    if (this.#underWayBytes + delays.length * costOf(datagram) > UNDER_WAY_LIMIT_BYTES) {
      this.#counts.lost++;
      this.#counts.overflowed++;
      return;
    }
    if (delays.length === 2) this.#counts.duplicated++;
    this.#counts.reordered += fate.heldBack;
    this.#dispatch(to, datagram, delays);
  }

  /** Resolves when nothing is under way. Who ends a process at once takes with it what a real network
   * would still deliver. */
  async drained(): Promise<void> {
    if (this.#queue.size > 0) await this.#drained.promise;
  }

  /** Drops what is under way and stops. Nothing is transmitted afterwards. */
  close(): void {
    this.#isClosed = true;
    this.#queue.clear();
    this.#underWayBytes = 0;
    this.#polled = 0;
    this.#stopTimer();
    this.#drained.resolve();
  }

  #open(to: ProcessId): Path {
    const { seed, process, links } = this.#options;
    const spec = links(to);
    const fate = isPerfect(spec)
      ? undefined
      : new LinkFate(spec, new Random([seed, RANDOM_STREAM, process, to]));
    const path = { fate };
    this.#paths.set(to, path);
    return path;
  }

  #dispatch(to: ProcessId, datagram: Uint8Array, delays: readonly Millis[]): void {
    const now = this.#clock.now();
    let kept: Uint8Array | undefined; // one copy serves a duplicate too
    let immediate = 0;
    for (const delayMs of delays) {
      if (delayMs === 0) {
        immediate++;
        continue;
      }
      kept ??= new Uint8Array(datagram); // not slice: that of a Node.js Buffer is a view
      const isPolled = delayMs < POLL_MS;
      this.#queue.push(now + delayMs, { to, datagram: kept, isPolled });
      this.#underWayBytes += costOf(kept);
      if (isPolled) this.#polled++;
      this.#counts.delayed++;
    }
    if (kept !== undefined) this.#schedule(now);
    while (immediate-- > 0 && !this.#isClosed) this.#options.transmit(to, datagram);
  }

  /** Makes sure that {@linkcode #release} is called when the first copy is due. */
  #schedule(now: Millis): void {
    const due = this.#queue.nextDue;
    if (this.#polled > 0) {
      this.#stopTimer();
      if (!this.#isTurnAwaited) this.#clock.nextTurn(this.#onTurn);
      this.#isTurnAwaited = true;
    } else if (due < this.#timerDue) {
      this.#stopTimer();
      this.#timer = this.#clock.startTimer(this.#onTimer, due - now);
      this.#timerDue = due;
    }
  }

  readonly #onTurn = (): void => {
    this.#isTurnAwaited = false;
    this.#release();
  };

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#timerDue = Infinity;
    this.#release();
  };

  /** Transmits what is due. */
  #release(): void {
    const now = this.#clock.now();
    while (this.#queue.nextDue <= now + (this.#polled > 0 ? 0 : EARLY_MS)) {
      const { to, datagram, isPolled } = this.#queue.pop()!;
      this.#underWayBytes -= costOf(datagram);
      if (isPolled) this.#polled--;
      this.#options.transmit(to, datagram);
    }
    this.#schedule(now);
    if (this.#queue.size > 0) return;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
  }

  #stopTimer(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#timerDue = Infinity;
  }
}

function costOf(datagram: Uint8Array): number {
  return datagram.length + OVERHEAD_BYTES;
}
