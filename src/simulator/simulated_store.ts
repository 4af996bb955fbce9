/**
 * The coordinator's disk. It outlives the coordinator's process; the open batch doesn't.
 *
 * @module
 */

import { MemoryMessageLog } from "../protocols/persistent/memory_message_log.ts";
import type { Message } from "../protocols/persistent/messages.ts";
import type { Millis } from "../protocols/process.ts";

/** What the host of a store does around a commit. */
export interface StoreHost {
  /** Is the process still alive at the beginning of a commit? Otherwise it doesn't happen. */
  beforeCommit(): boolean;
  /** The batch is durable. */
  committed(): void;
  /** The batch could not be committed. */
  failed(): void;
}

/** A store that can be seen through. */
export class SimulatedStore extends MemoryMessageLog {
  host: StoreHost | null = null;
  #granted: { readonly message: Message | null } | null = null;

  /** Returns what was added since the last call: a message, an answer that is none, or nothing. */
  takeGranted(): { readonly message: Message | null } | null {
    const granted = this.#granted;
    this.#granted = null;
    return granted;
  }

  override append(message: Message, request: string): void {
    super.append(message, request);
    this.#granted = { message };
  }

  override remember(request: string, seq: number, at: Millis): void {
    super.remember(request, seq, at);
    this.#granted = { message: null };
  }

  override commit(): void {
    if (this.host?.beforeCommit() === false) return;
    try {
      super.commit();
    } catch (error) {
      this.host?.failed();
      throw error;
    }
    this.host?.committed();
  }

  /** The latest time of anything that is stored. */
  get latestTime(): Millis {
    const times = [...this.members()].map(({ offlineSince }) => offlineSince ?? 0);
    return Math.max(this.lastAt, ...times);
  }
}
