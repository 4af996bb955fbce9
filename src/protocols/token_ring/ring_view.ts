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

/** The first member after a node that is in the next view, too; null if there is none but itself. */
export function successor(
  view: RingView,
  node: ProcessId,
  next: RingView = view,
): RingMember | null {
  const { members } = view;
  const place = members.findIndex((member) => member.node === node);
  for (let i = 1; i <= members.length; i++) {
    const member = members[(place + i) % members.length]!;
    if (member.node === node) continue;
    if (next === view || includes(next, member.node, member.incarnation)) return member;
  }
  return next.members.find((member) => member.node !== node) ?? null;
}

/** A view in which the member after a node is one for which `isGood` holds, and those that stood before
 * it come after it; null if there is none. */
export function withFirst(
  { number, members }: RingView,
  node: ProcessId,
  isGood: (member: RingMember) => boolean,
): RingView | null {
  const place = members.findIndex((member) => member.node === node);
  const others = [...members.slice(place + 1), ...members.slice(0, Math.max(0, place))];
  const good = others.findIndex(isGood);
  if (good < 0) return null;
  const [first] = others.splice(good, 1);
  const own = members.filter((member) => member.node === node);
  return { number: number + 1, members: [...own, first!, ...others] };
}

/**
 * The members in the order of a ring: in that of the file, unless somebody wants another one after
 * itself. Wishes are fulfilled in the order of the file, each that leaves one ring of all possible:
 * one whose node nobody before has got, and which closes no ring of a few.
 */
export function inRingOrder(members: readonly RingMember[]): RingMember[] {
  const all = [...new Map(members.map((member) => [member.node, member])).values()]
    .sort((one, other) => one.node - other.node);
  const after = fulfilled(all);
  const followers = new Set(after.values());
  const ring: RingMember[] = [];
  for (const head of all) {
    if (followers.has(head)) continue;
    for (let member: RingMember | undefined = head; member !== undefined;) {
      ring.push(member);
      member = after.get(member);
    }
  }
  return ring;
}

/** Who comes after whom, as far as somebody has a wish that can be fulfilled. */
function fulfilled(all: readonly RingMember[]): Map<RingMember, RingMember> {
  const after = new Map<RingMember, RingMember>();
  const taken = new Set<RingMember>();
  for (const member of all) {
    const wanted = all.find(({ node }) => node === member.next);
    if (wanted === undefined || taken.has(wanted) || lastOf(wanted, after) === member) continue;
    after.set(member, wanted);
    taken.add(wanted);
  }
  return after;
}

/** The end of the chain that begins with a member. */
function lastOf(member: RingMember, after: ReadonlyMap<RingMember, RingMember>): RingMember {
  let last = member;
  for (let next = after.get(last); next !== undefined; next = after.get(last)) last = next;
  return last;
}
