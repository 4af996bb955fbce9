/**
 * Who is in the ring, as a node knows it, and who will be: who has the token decides.
 *
 * @module
 */

import type { Millis, ProcessId } from "../process.ts";
import type { RingMember, RingView, Token } from "./messages.ts";
import type { Neighbours } from "./neighbours.ts";
import type { RingTimes } from "./ring_times.ts";
import { includes, inRingOrder, NO_VIEW, successor, withFirst } from "./ring_view.ts";

/** The next member, and the view that it gets. */
export interface NextHop {
  readonly view: RingView;
  /** Null if there is nobody else. */
  readonly to: RingMember | null;
}

/** The view of a node. */
export class Membership {
  readonly #self: ProcessId;
  readonly #incarnation: number;
  readonly #neighbours: Neighbours;
  readonly #times: RingTimes;
  #view: RingView = NO_VIEW;
  /** Of the token that the view came with: partitions may number their views alike. */
  #epoch = 0;

  constructor(
    self: { readonly node: ProcessId; readonly incarnation: number },
    neighbours: Neighbours,
    times: RingTimes,
  ) {
    this.#self = self.node;
    this.#incarnation = self.incarnation;
    this.#neighbours = neighbours;
    this.#times = times;
  }

  /** The latest view that this node knows of. */
  get view(): RingView {
    return this.#view;
  }

  /** Whether this node is in it. */
  get isMember(): boolean {
    return this.includes(this.#self, this.#incarnation);
  }

  /** Whether this incarnation of a node is in it. */
  includes(node: ProcessId, incarnation: number): boolean {
    return includes(this.#view, node, incarnation);
  }

  /** Takes over a view that came with a token of this epoch, unless a later one is known. Returns
   * whether it is news. */
  adopt(view: RingView, epoch: number): boolean {
    if (epoch < this.#epoch) return false;
    if (epoch === this.#epoch && view.number <= this.#view.number) return false;
    this.#view = view;
    this.#epoch = epoch;
    this.#neighbours.viewed(view, this.#self);
    return true;
  }

  /** The view after that of a token which is here, or the same if nothing has changed. */
  next({ view: current }: Token, isLeaving: boolean, now: Millis): RingView {
    const isStaying = (member: RingMember) =>
      member.node === this.#self ? !isLeaving : !this.#neighbours.isOver(member);
    const newcomers = this.#neighbours.newcomers(now - this.#times.quorumMs)
      .filter(({ node, incarnation }) => !includes(current, node, incarnation));
    if (newcomers.length === 0 && current.members.every(isStaying)) return current;
    const staying = current.members.filter(isStaying);
    return { number: current.number + 1, members: inRingOrder([...staying, ...newcomers]) };
  }

  /** To whom a token goes that is here, and in which view. */
  nextHop(token: Token, isLeaving: boolean, now: Millis): NextHop {
    const view = isLeaving ? this.next(token, isLeaving, now) : token.view;
    const to = successor(token.view, this.#self, view);
    if (to === null || this.#neighbours.isReachable(to.node)) return { view, to };
    // Others may reach it whom we can't: it comes after one of them.
    const isReachable = ({ node }: RingMember) => this.#neighbours.isReachable(node);
    const changed = withFirst(view, this.#self, isReachable);
    return changed === null ? { view, to } : { view: changed, to: successor(changed, this.#self) };
  }
}
