/**
 * What the commands of a token ring do in each state, as a table. The picture in the documentation is
 * made from it.
 *
 * @module
 */

/** How a node's user stands to the lock. */
export const RING_STATES = ["unstarted", "idle", "waiting", "holding"] as const;

/** How a node's user stands to the lock. */
export type RingState = (typeof RING_STATES)[number];

/** The commands that depend on it. */
export const RING_COMMANDS = ["start", "lock", "unlock"] as const;

/** A command that depends on the state. */
export type RingCommand = (typeof RING_COMMANDS)[number];

/** What a command does: it leads to a state, or is refused for a reason. */
export type RingCommandRow = Readonly<
  Record<RingCommand, { readonly leadsTo: RingState } | { readonly refused: string }>
>;

const refused = (reason: string) => ({ refused: reason });
const leadsTo = (state: RingState) => ({ leadsTo: state });

const STARTED = refused("there is a token already, or will be as soon as a majority answers");
const NOT_HELD = refused("you don't have the lock");

/** What commands do. */
export const RING_COMMAND_TABLE: Readonly<Record<RingState, RingCommandRow>> = {
  unstarted: {
    start: leadsTo("idle"),
    lock: refused("there is no token yet: start first"),
    unlock: NOT_HELD,
  },
  idle: {
    start: STARTED,
    lock: leadsTo("waiting"),
    unlock: NOT_HELD,
  },
  waiting: {
    start: STARTED,
    lock: refused("you wait for the lock already"),
    // Waits no longer.
    unlock: leadsTo("idle"),
  },
  holding: {
    start: STARTED,
    lock: refused("you have the lock already"),
    unlock: leadsTo("idle"),
  },
};

/** What else leads from state to state. */
export const RING_EVENT_TABLE = {
  /** Somebody else has made a token. */
  started: { unstarted: "idle" },
  granted: { waiting: "holding" },
  /** The lease could not be extended. */
  lost: { waiting: "idle", holding: "idle" },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<RingState, RingState>>>>>;

/** An event that leads from state to state. */
export type RingStateEvent = keyof typeof RING_EVENT_TABLE;

/** The state after an event; the same where it changes nothing. */
export function afterEvent(state: RingState, event: RingStateEvent): RingState {
  const row: Readonly<Partial<Record<RingState, RingState>>> = RING_EVENT_TABLE[event];
  return row[state] ?? state;
}
