/**
 * How people are told of datagrams that were dropped.
 *
 * @module
 */

/** A sentence without its end: so many made no sense. */
export function nonsense(datagrams: number): string {
  return datagrams === 1
    ? "1 datagram made no sense and was dropped"
    : `${datagrams} datagrams made no sense and were dropped`;
}
