/**
 * A persistent multicast in a simulated world: the same coordinator and participants that the sockets
 * run, in virtual time, under faults, everything drawn from one seed.
 *
 * First the faults have their period, and nothing wrong may be in any log (safety). Then everything
 * heals, and within a bound everybody who is online must have everything (liveness).
 *
 * @module
 */

import type { PersistentEvent, PersistentHistory } from "../history/persistent_history.ts";
import { SILENCE_MS } from "../protocols/persistent/membership_rules.ts";
import type { MemberId } from "../protocols/persistent/messages.ts";
import type { Millis } from "../protocols/process.ts";
import { Random } from "../protocols/random.ts";
import { noPersistentFaultCounts, type PersistentFaultCounts } from "./persistent_faults.ts";
import { type PersistentSimulationOptions, REAL_PROTOCOLS } from "./persistent_options.ts";
import type { Observation, PersistentWorld } from "./persistent_world.ts";
import { SimulatedInternet } from "./simulated_connection.ts";
import { SimulatedCoordinator } from "./simulated_coordinator.ts";
import { SimulatedParticipant } from "./simulated_participant.ts";
import { SimulatedUser } from "./simulated_user.ts";
import { VirtualTime } from "./virtual_time.ts";

/** Streams of random numbers: who draws from one doesn't disturb the others. */
const STREAM = { network: 1, faults: 2, workload: 3, coordinator: 4, participant: 5 } as const;

/** A crash happens within so many steps of the coordinator. */
const CRASH_STEPS = 12;

/** After healing, it is looked so often whether all is done. */
const CHECK_MS: Millis = 100;

const EVENT_NUMBER: Readonly<Record<PersistentEvent["event"], number>> = {
  stored: 1,
  register: 2,
  reconnect: 3,
  disconnect: 4,
  deregister: 5,
  alive: 6,
  restart: 7,
  acknowledged: 8,
  taken: 9,
  logged: 10,
};

/** What came out of a run. */
export interface PersistentSimulationResult {
  readonly history: PersistentHistory;
  readonly faults: PersistentFaultCounts;
  readonly events: number;
  readonly virtualMs: Millis;
  readonly traceHash: string;
  /** Why it did not come to rest in time after everything had healed; null if it did. */
  readonly unsettled: string | null;
  /** Messages stored, and how often one was written to a log. */
  readonly stored: number;
  readonly logged: number;
}

/** Runs a simulation to its end. */
export function simulatePersistent(
  options: PersistentSimulationOptions,
): PersistentSimulationResult {
  const simulation = new PersistentSimulation(options);
  simulation.advance(Infinity);
  return simulation.result();
}

/** A simulation that can be interrupted between two events. */
export class PersistentSimulation implements PersistentWorld {
  readonly options: PersistentSimulationOptions;
  readonly time = new VirtualTime();
  readonly counts = noPersistentFaultCounts();
  readonly net: SimulatedInternet;
  readonly #random: Random;
  readonly #coordinator: SimulatedCoordinator;
  readonly #participants: SimulatedParticipant[] = [];
  readonly #users: SimulatedUser[] = [];
  readonly #observations: Observation[] = [];
  readonly #numbers = new Map<MemberId, number>();
  #isHealed = false;
  #isOver = false;
  #unsettled: string | null = null;

  constructor(options: PersistentSimulationOptions) {
    const { seed, faults, participants } = options;
    const makers = options.makers ?? REAL_PROTOCOLS;
    this.options = { ...options, makers };
    this.#random = new Random([seed, STREAM.faults]);
    this.net = new SimulatedInternet(
      this.time,
      new Random([seed, STREAM.network]),
      faults,
      this.counts,
    );
    this.#coordinator = new SimulatedCoordinator(
      this,
      new Random([seed, STREAM.coordinator]),
      makers,
      ({ host, port }, connection) => {
        const participant = this.#participants[this.#numbers.get(host)!]!;
        return participant.isListening(port) ? participant.accept(connection) : null;
      },
    );
    for (let p = 0; p < participants; p++) this.#addParticipant(p);
    this.#coordinator.onCrash = () => this.#restartCoordinator();
    this.#coordinator.start(0);
    for (const user of this.#users) user.start();
    this.#scheduleFaults();
    this.time.after(options.faultPeriodMs, () => this.#heal());
  }

  /** Notes what an observer sees. */
  observe(event: PersistentEvent): Observation {
    const observation = { event, isUndone: false };
    this.#observations.push(observation);
    this.time.note(EVENT_NUMBER[event.event]);
    if ("seq" in event) this.time.note(event.seq);
    if ("member" in event) this.time.note(event.member);
    return observation;
  }

  /** The number of a member. */
  numberOf(id: MemberId): number {
    return this.#numbers.get(id)!;
  }

  /** Goes on for so many events; returns whether it is over. */
  advance(maxEvents: number): boolean {
    for (let i = 0; i < maxEvents && !this.#isOver; i++) {
      if (!this.time.step()) this.#isOver = true;
    }
    return this.#isOver;
  }

  /** What came out, once it is over. */
  result(): PersistentSimulationResult {
    const events = this.#observations.filter(({ isUndone }) => !isUndone)
      .map(({ event }) => event);
    const count = (name: PersistentEvent["event"]) =>
      events.filter(({ event }) => event === name).length;
    return {
      history: {
        members: this.#participants.map(({ id }) => id),
        tdMs: this.options.tdMs,
        silenceMs: SILENCE_MS,
        events,
        isSettled: this.#isOver && this.#isHealed,
      },
      faults: { ...this.counts, returnsAtTd: countReturnsAtTd(events, this.options.tdMs) },
      events: this.time.events,
      virtualMs: this.time.nowMs,
      traceHash: this.time.traceHash,
      unsettled: this.#unsettled,
      stored: count("stored"),
      logged: count("logged"),
    };
  }

  #addParticipant(p: number): void {
    const { seed } = this.options;
    const id = nameOf(p);
    this.#numbers.set(id, p);
    const participant = new SimulatedParticipant(
      this,
      new Random([seed, STREAM.participant, p]),
      p,
      id,
      (connection) => this.#coordinator.accept(connection),
    );
    participant.start();
    this.#participants.push(participant);
    this.#users.push(new SimulatedUser(this, new Random([seed, STREAM.workload, p]), participant));
  }

  // --- faults

  #scheduleFaults(): void {
    const { faults } = this.options;
    this.#schedule(faults.coordinatorCrashes, () => {
      this.#coordinator.crashAfter(this.#random.below(CRASH_STEPS));
    });
    this.#schedule(faults.participantCrashes, () => this.#crashSome());
    this.#schedule(faults.pauses, () => this.#pauseSome());
    this.#schedule(faults.storeFailures, () => {
      this.#coordinator.store.failure = "the disk is full";
      this.time.after(this.#random.between(0, faults.storeFailureMaxMs), () => {
        this.#coordinator.store.failure = null;
      });
    });
  }

  #schedule(count: number, fault: () => void): void {
    for (let i = 0; i < count; i++) {
      const atMs = this.#random.between(0, this.options.faultPeriodMs);
      this.time.at(atMs, () => {
        if (!this.#isHealed) fault();
      });
    }
  }

  #restartCoordinator(): void {
    const { downMaxMs, clockStepMaxMs } = this.options.faults;
    const isStep = clockStepMaxMs > 0 && this.#random.chance(0.5);
    const stepMs = isStep ? this.#random.between(-clockStepMaxMs, clockStepMaxMs) : 0;
    this.time.after(this.#random.between(0, downMaxMs), () => this.#coordinator.start(stepMs));
  }

  #crashSome(): void {
    const p = this.#random.below(this.#participants.length);
    const participant = this.#participants[p]!;
    if (participant.state === null) return;
    participant.crash();
    const { downMaxMs } = this.options.faults;
    this.time.after(this.#random.between(0, downMaxMs), () => {
      participant.start();
      if (this.#isHealed) participant.heal();
      this.#users[p]!.restarted();
    });
  }

  #pauseSome(): void {
    const participant = this.#participants[this.#random.below(this.#participants.length)]!;
    participant.pause();
    this.time.after(this.#random.between(0, this.options.faults.pauseMaxMs), () => {
      participant.resume();
    });
  }

  // --- the end

  #heal(): void {
    this.#isHealed = true;
    this.net.heal();
    this.#coordinator.store.failure = null;
    for (const participant of this.#participants) {
      participant.resume();
      participant.heal();
    }
    for (const user of this.#users) user.heal();
    const endMs = this.time.nowMs + this.options.livenessMs;
    const look = () => {
      this.#unsettled = this.#whatIsLeft();
      if (this.#unsettled === null || this.time.nowMs >= endMs) this.#isOver = true;
      else this.time.after(CHECK_MS, look);
    };
    this.time.after(CHECK_MS, look);
  }

  /** What keeps the run from its end, or null. */
  #whatIsLeft(): string | null {
    const { members } = this.#coordinator;
    if (members === null) return "the coordinator is down";
    for (const [p, { id, state }] of this.#participants.entries()) {
      if (!this.#users[p]!.isDone) return `${id} is in the state "${state ?? "down"}"`;
    }
    for (const { id, state, backlog } of members) {
      if (state === "online" && backlog > 0) {
        return `${id} has not acknowledged ${backlog} messages`;
      }
    }
    return null;
  }
}

function nameOf(p: number): MemberId {
  return p < 26 ? String.fromCharCode(65 + p) : `P${p}`;
}

/** How often somebody disconnected and came back exactly td later. */
function countReturnsAtTd(events: readonly PersistentEvent[], tdMs: Millis): number {
  const leftAt = new Map<number, Millis>();
  let count = 0;
  for (const event of events) {
    if (event.event === "disconnect") leftAt.set(event.member, event.at);
    if (event.event !== "reconnect") continue;
    if (event.at - (leftAt.get(event.member) ?? -Infinity) === tdMs) count++;
    leftAt.delete(event.member);
  }
  return count;
}
