/**
 * Which rumors a node has had, kept or not: a few numbers for each process that has said any, since
 * most are without gaps.
 *
 * @module
 */

import type { DigestEntry, NodeName, RumorId } from "./messages.ts";

/** So many processes' rumors are told apart. Of those beyond it, the one that was silent for longest is
 * forgotten: what it has said would be new again. */
export const MAX_RUNS = 10_000;

/** So many gaps are remembered of one process. Of those beyond it the oldest counts as had: what is said in
 * it may be missed, and memory is bounded. */
export const MAX_PIECES = 1000;

/** First and last of a gapless piece. */
type Piece = readonly [first: number, last: number];

/** What was had of one process. */
interface Run {
  readonly origin: NodeName;
  readonly run: number;
  /** In ascending order, none touching the next. */
  readonly pieces: Piece[];
}

/** All that was had. */
export class SeenRumors {
  readonly #maxRuns: number;
  /** The one heard last at the end. */
  readonly #runs = new Map<string, Run>();

  constructor(maxRuns = MAX_RUNS) {
    this.#maxRuns = maxRuns;
  }

  /** Whether it has been had. */
  has({ origin, run, seq }: RumorId): boolean {
    const known = this.#runs.get(runKey(origin, run));
    return known !== undefined && isIn(known.pieces, seq);
  }

  /** Notes one. Returns whether it is new. */
  add({ origin, run, seq }: RumorId): boolean {
    const key = runKey(origin, run);
    const known = this.#runs.get(key) ?? { origin, run, pieces: [] };
    this.#runs.delete(key);
    this.#runs.set(key, known);
    if (this.#runs.size > this.#maxRuns) this.#forgetOldest();
    return insert(known.pieces, seq);
  }

  /** All of it. */
  digest(): DigestEntry[] {
    return Array.from(this.#runs.values(), ({ origin, run, pieces }) => ({
      ...{ origin, run, pieces: pieces.map(([first, last]): Piece => [first, last]) },
    }));
  }

  /** Whether somebody with this digest has had anything that was not had here. */
  lacksAnyOf(entries: readonly DigestEntry[]): boolean {
    return entries.some(({ origin, run, pieces }) => {
      const known = this.#runs.get(runKey(origin, run))?.pieces ?? [];
      return pieces.some((piece) => !covers(known, piece));
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#runs.keys();
    this.#runs.delete(oldest!);
  }
}

/** Looks things up in somebody's digest. */
export class DigestIndex {
  readonly #pieces = new Map<string, readonly Piece[]>();

  constructor(entries: readonly DigestEntry[]) {
    for (const { origin, run, pieces } of entries) this.#pieces.set(runKey(origin, run), pieces);
  }

  /** Whether it is in there. */
  has({ origin, run, seq }: RumorId): boolean {
    const pieces = this.#pieces.get(runKey(origin, run));
    return pieces !== undefined && isIn(pieces, seq);
  }
}

/** No name contains a control character. */
function runKey(origin: NodeName, run: number): string {
  return `${origin}\n${run}`;
}

function isIn(pieces: readonly Piece[], seq: number): boolean {
  const at = indexOf(pieces, seq);
  return at < pieces.length && pieces[at]![0] <= seq;
}

function covers(pieces: readonly Piece[], [first, last]: Piece): boolean {
  const at = indexOf(pieces, first);
  return at < pieces.length && pieces[at]![0] <= first && pieces[at]![1] >= last;
}

/** The first piece that doesn't end before `seq`. */
function indexOf(pieces: readonly Piece[], seq: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle]![1] < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns whether it was missing. */
function insert(pieces: Piece[], seq: number): boolean {
  const at = indexOf(pieces, seq);
  const after = pieces[at];
  if (after !== undefined && after[0] <= seq) return false;
  const before = pieces[at - 1];
  const joinsBefore = before?.[1] === seq - 1;
  const joinsAfter = after?.[0] === seq + 1;
  const from = joinsBefore ? at - 1 : at;
  const joined: Piece = [joinsBefore ? before![0] : seq, joinsAfter ? after![1] : seq];
  pieces.splice(from, Number(joinsBefore) + Number(joinsAfter), joined);
  if (pieces.length > MAX_PIECES) pieces.splice(0, 2, [pieces[0]![0], pieces[1]![1]]);
  return true;
}
