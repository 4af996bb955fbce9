/**
 * Finds out that nobody listens at an address any more.
 *
 * A machine whose process has died says so when somebody connects; one that is only busy, stopped or
 * cut off says nothing. So who was killed is known at once, and who is slow is given time.
 *
 * @module
 */

import type { Millis } from "../protocols/process.ts";
import { type Address, formatAddress } from "../wire/address.ts";
import { openTcp } from "./tcp_client.ts";

/** So many are under way at a time; those beyond are left out. */
const MAX_CHECKS = 64;

/** What says nothing for so long says nothing. */
const TIMEOUT_MS: Millis = 2000;

/** Checks of addresses. */
export class RefusalChecks {
  readonly #onRefused: (address: string) => void;
  readonly #underWay = new Map<string, AbortController>();

  /** @param onRefused Told when a machine says that nobody listens. */
  constructor(onRefused: (address: string) => void) {
    this.#onRefused = onRefused;
  }

  /** Checks an address, unless that is being done. */
  check(address: Address): void {
    const key = formatAddress(address);
    if (this.#underWay.has(key) || this.#underWay.size >= MAX_CHECKS) return;
    const giveUp = new AbortController();
    this.#underWay.set(key, giveUp);
    void this.#check(key, address, giveUp.signal);
  }

  /** Gives up on all. */
  close(): void {
    for (const giveUp of this.#underWay.values()) giveUp.abort();
  }

  async #check(key: string, address: Address, signal: AbortSignal): Promise<void> {
    const isRefused = await this.#isRefused(address, signal);
    this.#underWay.delete(key);
    if (isRefused && !signal.aborted) this.#onRefused(key);
  }

  async #isRefused(address: Address, signal: AbortSignal): Promise<boolean> {
    try {
      const connection = await openTcp("node", address, { timeoutMs: TIMEOUT_MS, signal });
      connection.close();
      return false;
    } catch (error) {
      return (error as Error).cause instanceof Deno.errors.ConnectionRefused;
    }
  }
}
