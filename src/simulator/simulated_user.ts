/**
 * Who sits at a participant: registers, sends, goes, and comes back after about td.
 *
 * @module
 */

import type { CommandName } from "../protocols/persistent/participant_states.ts";
import type { Millis } from "../protocols/process.ts";
import type { Random } from "../protocols/random.ts";
import type { PersistentWorld } from "./persistent_world.ts";
import type { Outcome, SimulatedParticipant } from "./simulated_participant.ts";

/** Who is refused, or gets no answer, waits for at most this. */
const PATIENCE_MS: Millis = 500;

/** Gives commands to one participant. */
export class SimulatedUser {
  readonly #world: PersistentWorld;
  readonly #random: Random;
  readonly #participant: SimulatedParticipant;
  /** Messages still to be sent. */
  #left: number;
  #sent = 0;
  /** Whether a command is still waiting for its outcome. */
  #isWaiting = false;
  /** A new plan replaces the one before. */
  #plan = 0;
  /** Whether it doesn't know what became of its last command. */
  #isInDoubt = false;
  #isHealed = false;

  constructor(world: PersistentWorld, random: Random, participant: SimulatedParticipant) {
    this.#world = world;
    this.#random = random;
    this.#participant = participant;
    this.#left = world.options.messages;
  }

  /** Begins. */
  start(): void {
    this.#next(this.#pauseMs());
  }

  /** The participant's process has been started again. */
  restarted(): void {
    this.#isWaiting = false;
    this.#next(this.#pauseMs());
  }

  /** Nothing goes wrong any more: it sees to it that it is online, or was never or is no more a
   * member, and is done. */
  heal(): void {
    this.#isHealed = true;
    if (!this.#isWaiting) this.#next(this.#random.between(0, 2 * this.#world.options.tdMs));
  }

  /** Whether it has nothing more to do. */
  get isDone(): boolean {
    const { state } = this.#participant;
    if (!this.#isHealed || this.#isWaiting) return false;
    return state === "online" || (state === "deregistered" && !this.#isInDoubt);
  }

  #next(delayMs: Millis): void {
    const plan = ++this.#plan;
    const { time, options } = this.#world;
    const { gridMs } = options;
    const atMs = time.nowMs + delayMs;
    const onGrid = gridMs > 0 ? Math.ceil(atMs / gridMs) * gridMs : atMs;
    time.at(onGrid, () => {
      if (plan === this.#plan) this.#act();
    });
  }

  #act(): void {
    if (this.#isWaiting || this.isDone) return;
    const command = this.#choose();
    if (command === null) return;
    this.#isWaiting = true;
    const payload = command === "msend" ? this.#payload() : new Uint8Array();
    this.#participant.command(command, payload, (outcome) => this.#react(command, outcome));
  }

  #choose(): CommandName | null {
    const { disconnectRate, deregisterRate } = this.#world.options;
    switch (this.#participant.state) {
      case "unregistered":
      case "deregistered":
        return "register";
      case "offline": {
        const isFresh = !this.#isHealed && this.#random.chance(deregisterRate);
        return isFresh ? "register" : "reconnect";
      }
      case "online": {
        if (this.#isHealed || this.#left === 0) return null;
        if (this.#random.chance(deregisterRate)) return "deregister";
        return this.#random.chance(disconnectRate) ? "disconnect" : "msend";
      }
      default:
        return null;
    }
  }

  #payload(): Uint8Array {
    this.#left--;
    const text = `${this.#participant.id}:${++this.#sent}`;
    const { payloadBytes } = this.#world.options;
    const length = Math.max(text.length, this.#random.below(payloadBytes + 1));
    return new TextEncoder().encode(text.padEnd(length, "."));
  }

  #react(command: CommandName, outcome: Outcome): void {
    this.#isWaiting = false;
    this.#isInDoubt = outcome === "unanswered";
    if (outcome !== "ok") return this.#next(this.#random.between(0, PATIENCE_MS));
    if (command !== "disconnect") return this.#next(this.#pauseMs());
    this.#next(this.#absenceMs());
  }

  #pauseMs(): Millis {
    const { intervalMinMs, intervalMaxMs } = this.#world.options;
    return this.#random.between(intervalMinMs, intervalMaxMs);
  }

  /** Such that the coordinator sees td, or a millisecond less or more, on a network without tails: the
   * answer has taken as long as the next request will. */
  #absenceMs(): Millis {
    const { tdMs } = this.#world.options;
    const { delayMinMs } = this.#world.options.faults;
    if (this.#random.chance(0.5)) return this.#random.between(0, 3 * tdMs);
    return Math.max(0, tdMs - 2 * delayMinMs - 1 + this.#random.below(3));
  }
}
