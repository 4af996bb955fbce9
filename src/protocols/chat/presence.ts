/**
 * Who shows signs of life. A quiet group sends nothing, so whoever has been silent for a while is
 * asked; whoever doesn't answer for longer is reported.
 *
 * It only reports: nobody is taken out of a group for being silent.
 *
 * @module
 */

import type { Millis } from "../process.ts";

/** After so much silence a member is asked for a sign of life.
 *
 * Trade-off: sooner costs an idle group more datagrams, two for each pair in this time. */
export const ASK_AFTER_MS = 2000;

/** It is asked again after each such pause: eight times before it counts as silent, so that one
 * false report in ten thousand remains where every fifth datagram is lost. */
const ASK_AGAIN_MS = 500;

/** After so much silence a member is reported. */
export const SILENT_AFTER_MS = 6000;

/** What is kept about a member. */
interface Sign {
  heardAt: Millis;
  askedAt: Millis;
  silent: boolean;
}

/** What became due. */
export interface PresenceNews {
  /** To be asked for a sign of life. */
  readonly ask: readonly string[];
  /** Silent from now on. */
  readonly silent: readonly string[];
}

/** The signs of life of some members, by name. */
export class Presence {
  readonly #signs = new Map<string, Sign>();

  /** Watches these and nobody else. New ones count as heard now. */
  follow(names: readonly string[], now: Millis): void {
    for (const name of this.#signs.keys()) {
      if (!names.includes(name)) this.#signs.delete(name);
    }
    for (const name of names) {
      if (this.#signs.has(name)) continue;
      this.#signs.set(name, { heardAt: now, askedAt: -Infinity, silent: false });
    }
  }

  /** Has it been reported as silent, and not been heard since? */
  isSilent(name: string): boolean {
    return this.#signs.get(name)?.silent ?? false;
  }

  /** For how long nothing has come of it; Infinity for one that isn't watched. */
  quietMs(name: string, now: Millis): Millis {
    return now - (this.#signs.get(name)?.heardAt ?? -Infinity);
  }

  /** Takes in a sign of life. Returns whether it ends a silence. */
  hear(name: string, now: Millis): boolean {
    const sign = this.#signs.get(name);
    if (sign === undefined) return false;
    const wasSilent = sign.silent;
    sign.heardAt = now;
    sign.silent = false;
    return wasSilent;
  }

  /** What is due now. */
  tick(now: Millis): PresenceNews {
    const ask: string[] = [];
    const silent: string[] = [];
    for (const [name, sign] of this.#signs) {
      const silentMs = now - sign.heardAt;
      if (silentMs < ASK_AFTER_MS) continue;
      if (now - sign.askedAt >= ASK_AGAIN_MS) {
        sign.askedAt = now;
        ask.push(name);
      }
      if (silentMs < SILENT_AFTER_MS || sign.silent) continue;
      sign.silent = true;
      silent.push(name);
    }
    return { ask, silent };
  }
}
