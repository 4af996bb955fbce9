/**
 * The events of a run and "happened before", worked out the slow way: straight from the definition
 * (Lamport 1978, section "The Partial Ordering"), without any clock.
 *
 * @module
 */

import type { Journal } from "../../src/history/journal.ts";
import type { ProcessId } from "../../src/protocols/process.ts";

/** The sending or the receipt of a message. */
export interface SpaceTimeEvent {
  readonly process: ProcessId;
  readonly kind: "multicast" | "receive";
  /** `0:3` is message 3 of process 0. */
  readonly message: string;
  /** What the process's logical clock said. */
  readonly time: number;
}

/** The events of a run. */
export class SpaceTime {
  readonly events: readonly SpaceTimeEvent[];
  /** The same, process by process, in the order in which they happened there. */
  readonly byProcess: readonly (readonly SpaceTimeEvent[])[];
  readonly #after: Map<SpaceTimeEvent, Set<SpaceTimeEvent>>;

  constructor(journals: readonly Journal[]) {
    this.byProcess = journals.map(eventsOf);
    this.events = this.byProcess.flat();
    this.#after = new Map(this.events.map((event) => [event, this.#reach(event)]));
  }

  /** a → b? */
  happenedBefore(a: SpaceTimeEvent, b: SpaceTimeEvent): boolean {
    return this.#after.get(a)!.has(b);
  }

  /** The multicast of `message`. */
  multicastOf(message: string): SpaceTimeEvent {
    return this.events.find((event) => event.kind === "multicast" && event.message === message)!;
  }

  /** Everything that follows from `a` by the steps (i) and (ii), any number of them: (iii). */
  #reach(a: SpaceTimeEvent): Set<SpaceTimeEvent> {
    const reached = new Set<SpaceTimeEvent>();
    const open = [a];
    for (let event = open.pop(); event !== undefined; event = open.pop()) {
      for (const next of this.#steps(event)) {
        if (reached.has(next)) continue;
        reached.add(next);
        open.push(next);
      }
    }
    return reached;
  }

  /** (i): the next event of the same process. (ii): the receipts of the message that was sent. */
  #steps(event: SpaceTimeEvent): SpaceTimeEvent[] {
    const own = this.byProcess[event.process]!;
    const next = own[own.indexOf(event) + 1];
    const receipts = event.kind === "receive"
      ? []
      : this.events.filter(({ kind, message }) => kind === "receive" && message === event.message);
    return next === undefined ? receipts : [next, ...receipts];
  }
}

function eventsOf(journal: Journal): SpaceTimeEvent[] {
  const events: SpaceTimeEvent[] = [];
  for (let i = 0; i < journal.length; i++) {
    const kind = journal.kindAt(i);
    if (kind === "deliver") continue;
    events.push({
      process: journal.process,
      kind,
      message: `${journal.senderAt(i)}:${journal.seqAt(i)}`,
      time: journal.timeAt(i),
    });
  }
  return events;
}
