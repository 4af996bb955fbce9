/**
 * The states of a participant, as a table: what each command and each outcome does in each state.
 * The picture in the documentation is made from it.
 *
 * @module
 */

/** What a participant is, in its own eyes. In the states that end in "ing" it waits for an answer. */
export const PARTICIPANT_STATES = [
  "unregistered",
  "registering",
  "online",
  "disconnecting",
  "offline",
  "reconnecting",
  "deregistering",
  "deregistered",
] as const;

/** What a participant is, in its own eyes. */
export type ParticipantState = (typeof PARTICIPANT_STATES)[number];

/** What a participant can be told to do. */
export const COMMANDS = ["register", "deregister", "disconnect", "reconnect", "msend"] as const;

/** What a participant can be told to do. */
export type CommandName = (typeof COMMANDS)[number];

/** What a command does: a request is sent, and the state is this one until it is answered; or the
 * command is refused, with the reason. */
export type CommandRow = Readonly<
  Record<CommandName, { readonly waits: ParticipantState } | { readonly refused: string }>
>;

const refused = (reason: string) => ({ refused: reason });
const waits = (state: ParticipantState) => ({ waits: state });

const REGISTER_FIRST = refused("not registered: register first");
const DEREGISTERED = refused("deregistered: register first");
const RECONNECT_FIRST = refused("offline: reconnect first");
const BUSY: CommandRow = all(refused("still waiting for the answer to another command"));

/** What commands do. */
export const COMMAND_TABLE: Readonly<Record<ParticipantState, CommandRow>> = {
  unregistered: {
    register: waits("registering"),
    deregister: REGISTER_FIRST,
    disconnect: REGISTER_FIRST,
    reconnect: REGISTER_FIRST,
    msend: REGISTER_FIRST,
  },
  registering: BUSY,
  online: {
    register: refused("registered already: deregister first"),
    deregister: waits("deregistering"),
    disconnect: waits("disconnecting"),
    reconnect: refused("online already: disconnect first"),
    msend: waits("online"),
  },
  disconnecting: BUSY,
  offline: {
    // A new beginning, for who doesn't want what was missed.
    register: waits("registering"),
    deregister: waits("deregistering"),
    disconnect: refused("offline already"),
    reconnect: waits("reconnecting"),
    msend: RECONNECT_FIRST,
  },
  reconnecting: BUSY,
  deregistering: BUSY,
  deregistered: {
    register: waits("registering"),
    deregister: DEREGISTERED,
    disconnect: DEREGISTERED,
    reconnect: DEREGISTERED,
    msend: DEREGISTERED,
  },
};

/** Where the answer `ok` leads from a state that waits for it. Any other answer, and none at all,
 * leads back to where the command was given, unless the coordinator says that the participant is
 * something else. */
export const OK_TABLE: Readonly<Partial<Record<ParticipantState, ParticipantState>>> = {
  registering: "online",
  disconnecting: "offline",
  reconnecting: "online",
  deregistering: "deregistered",
};

/** In these states messages may come, so the participant listens. It does so before it asks. */
export const LISTENING: ReadonlySet<ParticipantState> = new Set(
  ["registering", "reconnecting", "online", "disconnecting"] as const,
);

function all(what: CommandRow[CommandName]): CommandRow {
  return Object.fromEntries(COMMANDS.map((command) => [command, what])) as CommandRow;
}
