/**
 * Views of a ring: who is in it, and who comes after whom.
 *
 * @module
 */

import type { ProcessId } from "../process.ts";
import type { RingMember, RingView } from "./messages.ts";

/** Before the first. */
export const NO_VIEW: RingView = { number: 0, members: [] };

/** Whether this incarnation of a node is in the view. */
export function includes(view: RingView, node: ProcessId, incarnation: number): boolean {
  return view.members.some((member) => member.node === node && member.incarnation === incarnation);
}

/** The member after a node; the first if it isn't in the view; null in a view of nobody else. */
export function successor(view: RingView, node: ProcessId): RingMember | null {
  const { members } = view;
  const place = members.findIndex((member) => member.node === node);
  const next = members[(place + 1) % members.length];
  return next === undefined || next.node === node ? null : next;
}

/**
 * The members in the order of a ring: in that of the file, unless somebody wants another one after
 * itself. Wishes are fulfilled as far as they make one ring of all.
 */
export function inRingOrder(members: readonly RingMember[]): RingMember[] {
  const left = new Map(
    [...members].sort((one, other) => one.node - other.node).map((member) => [member.node, member]),
  );
  const ring: RingMember[] = [];
  let last = null as RingMember | null;
  while (left.size > 0) {
    const wanted: ProcessId | null = last?.next ?? null;
    last = (wanted === null ? undefined : left.get(wanted)) ?? nextInFile(left, last);
    left.delete(last.node);
    ring.push(last);
  }
  return ring;
}

/** Of those that are left, the first after a member, or the first of all. */
function nextInFile(
  left: ReadonlyMap<ProcessId, RingMember>,
  after: RingMember | null,
): RingMember {
  const members = [...left.values()];
  return members.find(({ node }) => after !== null && node > after.node) ?? members[0]!;
}
