/**
 * The user of a node of a token ring: does what is typed or read, and answers each command once.
 *
 * @module
 */

import type { LockHandle, LockListener } from "../hosts/ring_lock.ts";
import type { RingEvent, RingNode } from "../hosts/ring_node.ts";
import { parseTokenringInput } from "./tokenring_input.ts";
import type { TokenringOutput } from "./tokenring_output.ts";
import {
  afterEvent,
  RING_COMMAND_TABLE,
  type RingCommand,
  type RingState,
} from "./tokenring_states.ts";

/** What a session needs of a node. */
export type RingPort = Pick<RingNode, "isStarted" | "start" | "lock" | "status">;

/** What the answers say. */
const STORIES: Readonly<Record<RingCommand, string>> = {
  start: "the token is made as soon as a majority agrees",
  lock: "waiting for the token",
  unlock: "the lock is let go",
};

/** Does commands. */
export class TokenringSession implements LockListener {
  readonly #node: RingPort;
  readonly #output: TokenringOutput;
  readonly #quit = Promise.withResolvers<void>();
  #state: RingState = "unstarted";
  #handle: LockHandle | null = null;

  constructor(node: RingPort, output: TokenringOutput) {
    this.#node = node;
    this.#output = output;
  }

  /** Resolves after `quit`. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  /** How the user stands to the lock. */
  get state(): RingState {
    return this.#node.isStarted ? afterEvent(this.#state, "started") : this.#state;
  }

  /** Follows what happens to the node. */
  follow(event: RingEvent): void {
    this.#output.report(event, this.#state === "waiting");
  }

  /** Does what a line says. */
  feed(line: string): void {
    const input = parseTokenringInput(line);
    if (input === null) return;
    switch (input.command) {
      case null:
        return this.#output.refuse(input.word, input.reason);
      case "start":
      case "lock":
      case "unlock":
        return this.#do(input.command);
      case "status":
        return this.#output.status(this.#node.status, this.state);
      case "help":
        return this.#output.help();
      case "quit":
        this.#output.ok("quit", "goodbye");
        this.#quit.resolve();
    }
  }

  /** The node is about to leave: lets go of the lock. */
  end(): void {
    if (this.#handle !== null) this.#unlock(this.state);
    this.#state = "idle";
  }

  // --- LockListener

  /** @ignore */
  granted(fence: number): void {
    this.#state = afterEvent(this.#state, "granted");
    this.#output.locked(fence);
  }

  /** @ignore */
  extended(): void {
    // A person at a keyboard is told only when it can't be.
  }

  /** @ignore */
  lost(reason: string): void {
    const { state } = this;
    this.#state = afterEvent(state, "lost");
    this.#handle = null;
    this.#output.lost(reason);
  }

  /** @ignore */
  refused(reason: string): void {
    this.lost(reason);
  }

  /** @ignore */
  busy(holder: string, fence: number): void {
    this.#output.busy(holder, fence);
  }

  /** @ignore */
  quorum(): void {
    // The node itself tells of it.
  }

  #do(command: RingCommand): void {
    const before = this.state;
    const row = RING_COMMAND_TABLE[before][command];
    if ("refused" in row) return this.#output.refuse(command, row.refused);
    this.#state = row.leadsTo;
    const story = command === "unlock" && before === "waiting"
      ? "you wait for it no longer"
      : STORIES[command];
    // Answered first: what follows may happen at once.
    this.#output.ok(command, story);
    if (command === "start") this.#node.start();
    else if (command === "lock") this.#handle = this.#node.lock(this);
    else this.#unlock(before);
  }

  #unlock(before: RingState): void {
    // Told before it is so: who gets the lock next tells of it after this.
    if (before === "holding") this.#output.unlocked();
    void this.#handle?.unlock();
    this.#handle = null;
  }
}
