/**
 * How rumors are put into messages: small ones together, so that a message fits into a datagram; large
 * ones are offered first.
 *
 * @module
 */

import type { Offer, Push, Rumor, RumorId } from "./messages.ts";

/** Rumors that are put together have so many UTF-16 units at most, what stands around them included: with
 * plain text, about what a datagram has room for beside the envelope. */
const TOGETHER_UNITS = 700;

/** What stands around the text of a rumor, besides the name of its origin. */
const AROUND_UNITS = 24;

/** A longer text is offered before it is sent, in UTF-16 units: then an offer costs little beside it. */
const LARGE_UNITS = 4096;

/** Puts rumors into messages. */
export class RumorPacker {
  /** Whether it is offered before it is sent. */
  isLarge({ text }: Rumor): boolean {
    return text.length > LARGE_UNITS;
  }

  /** The messages that bring these rumors, or offer them. */
  pack(rumors: readonly Rumor[]): (Push | Offer)[] {
    const messages: (Push | Offer)[] = [];
    const offered = rumors.filter((rumor) => this.isLarge(rumor));
    for (const together of batches(offered, aroundOf)) {
      messages.push({
        type: "offer",
        rumors: together.map(({ origin, run, seq }) => ({ origin, run, seq })),
      });
    }
    const small = rumors.filter((rumor) => !this.isLarge(rumor));
    for (const together of batches(small, (rumor) => aroundOf(rumor) + rumor.text.length)) {
      messages.push({ type: "push", rumors: together });
    }
    return messages;
  }
}

function aroundOf({ origin }: RumorId): number {
  return AROUND_UNITS + origin.length;
}

/** Cuts a list so that each piece has at most {@linkcode TOGETHER_UNITS}, or one rumor. */
function batches(rumors: readonly Rumor[], unitsOf: (rumor: Rumor) => number): Rumor[][] {
  const pieces: Rumor[][] = [];
  let units = Infinity;
  for (const rumor of rumors) {
    const more = unitsOf(rumor);
    if (units + more > TOGETHER_UNITS) {
      pieces.push([]);
      units = 0;
    }
    pieces.at(-1)!.push(rumor);
    units += more;
  }
  return pieces;
}
