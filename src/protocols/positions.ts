/**
 * Positions in streams, as the payload of a segment: pairs of a process and the number of one of its
 * segments, 4 bytes each, most significant byte first.
 *
 * ```ts
 * import { positionCount, processAt, seqAt, writePositions } from "./positions.ts";
 *
 * const payload = writePositions([[2, 17]]);
 * console.assert(positionCount(payload) === 1 && processAt(payload, 0) === 2);
 * console.assert(seqAt(payload, 0) === 17);
 * ```
 *
 * @module
 */

import { POSITION_BYTES } from "./frame.ts";
import type { ProcessId } from "./process.ts";

/** Writes positions as a payload. */
export function writePositions(positions: readonly (readonly [ProcessId, number])[]): Uint8Array {
  const payload = new Uint8Array(positions.length * POSITION_BYTES);
  const view = new DataView(payload.buffer);
  for (const [i, [process, seq]] of positions.entries()) {
    view.setUint32(i * POSITION_BYTES, process);
    view.setUint32(i * POSITION_BYTES + 4, seq);
  }
  return payload;
}

/** How many positions a payload holds. */
export function positionCount(payload: Uint8Array): number {
  return payload.length / POSITION_BYTES;
}

/** The process of position `i`. */
export function processAt(payload: Uint8Array, i: number): ProcessId {
  return uint32(payload, i * POSITION_BYTES);
}

/** The segment's number of position `i`. */
export function seqAt(payload: Uint8Array, i: number): number {
  return uint32(payload, i * POSITION_BYTES + 4);
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
