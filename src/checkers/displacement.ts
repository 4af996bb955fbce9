/**
 * How far one sequence is from sorted: how many elements were moved, how many pairs are inverted.
 *
 * ```ts
 * import { countInversions, countMoved } from "./displacement.ts";
 *
 * const late = Int32Array.of(1, 2, 3, 0);
 * console.assert(countMoved(late) === 1); // taking one element away sorts the rest
 * console.assert(countInversions(late) === 3); // 0 was overtaken three times
 * ```
 *
 * @module
 */

/** The length minus that of the longest increasing subsequence (patience sorting, O(n log n)). */
export function countMoved(sequence: Int32Array): number {
  // tails[k] is the smallest element that ends an increasing subsequence of length k + 1.
  const tails = new Int32Array(sequence.length);
  let longest = 0;
  for (const element of sequence) {
    let low = 0;
    let high = longest;
    if (longest > 0 && tails[longest - 1]! < element) low = longest; // The usual case: in order.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (tails[middle]! < element) low = middle + 1;
      else high = middle;
    }
    tails[low] = element;
    if (low === longest) longest++;
  }
  return sequence.length - longest;
}

/** The pairs of which the larger element comes first (merge sort from below, O(n log n)). */
export function countInversions(sequence: Int32Array): number {
  let from = sequence.slice();
  let to = new Int32Array(sequence.length);
  let inversions = 0;
  for (let width = 1; width < sequence.length; width *= 2) {
    for (let start = 0; start < sequence.length; start += 2 * width) {
      inversions += merge(from, to, start, width);
    }
    [from, to] = [to, from];
  }
  return inversions;
}

/** Merges two sorted neighbours of the given width; returns the inversions between them. */
function merge(from: Int32Array, to: Int32Array, start: number, width: number): number {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(middle + width, from.length);
  let left = start;
  let right = middle;
  let inversions = 0;
  for (let i = start; i < end; i++) {
    if (left < middle && (right === end || from[left]! <= from[right]!)) {
      to[i] = from[left++]!;
    } else {
      to[i] = from[right++]!;
      inversions += middle - left; // It overtakes all that is left on the left.
    }
  }
  return inversions;
}
