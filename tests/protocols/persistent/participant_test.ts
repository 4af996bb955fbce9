/**
 * The participant: commands and their outcomes by its table, and which messages it writes.
 */

import assert from "node:assert/strict";
import type { LinkEnd, Message, Reply } from "../../../src/protocols/persistent/messages.ts";
import {
  type Command,
  type LogState,
  type OpenAnswer,
  Participant,
} from "../../../src/protocols/persistent/participant.ts";
import {
  COMMAND_TABLE,
  type CommandName,
  COMMANDS,
  LISTENING,
  OK_TABLE,
  PARTICIPANT_STATES,
  type ParticipantState,
} from "../../../src/protocols/persistent/participant_states.ts";

const EMPTY: LogState = { store: null, logged: 0, isMember: false };
const FORMER: LogState = { store: "s", logged: 0, isMember: false };
const MEMBER: LogState = { store: "s", logged: 7, isMember: true };

let requests = 0;

/** Gives a command; returns its request's ID. */
function give(participant: Participant, type: CommandName): string {
  const command: Command = type === "msend"
    ? { type, payload: new Uint8Array() }
    : type === "register" || type === "reconnect"
    ? { type, address: { host: "h", port: 1 }, takeOver: false }
    : { type };
  return participant.command(command, `r${++requests}`).request;
}

function ok(participant: Participant, request: string): void {
  participant.answered({ type: "ok", request, seq: 0, store: "s" });
}

function refuse(participant: Participant, request: string, standing?: "unknown" | "offline") {
  const reply: Reply = { type: "error", request, reason: "No" };
  participant.answered(standing === undefined ? reply : { ...reply, standing });
}

/** A participant in a state, and the session that it is in. */
function inState(state: ParticipantState): Participant {
  const participant = new Participant("A", FORMER);
  const ways: Readonly<Record<ParticipantState, readonly CommandName[]>> = {
    unregistered: [],
    registering: ["register"],
    online: ["register"],
    disconnecting: ["register", "disconnect"],
    offline: ["register", "disconnect"],
    reconnecting: ["register", "disconnect", "reconnect"],
    deregistering: ["register", "deregister"],
    deregistered: ["register", "deregister"],
  };
  const isWaiting = state.endsWith("ing");
  for (const [i, command] of ways[state].entries()) {
    const request = give(participant, command);
    if (!isWaiting || i < ways[state].length - 1) ok(participant, request);
  }
  assert.equal(participant.state, state);
  return participant;
}

function online(log: LogState = EMPTY): { participant: Participant; session: string } {
  const participant = new Participant("A", log);
  const session = give(participant, log.isMember ? "reconnect" : "register");
  ok(participant, session);
  return { participant, session };
}

function open(participant: Participant, session: string, after: number, link = 1, store = "s") {
  return participant.open(link, { store, id: "A", session, after }, 0);
}

function messages(first: number, last: number): Message[] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    seq: first + i,
    at: 0,
    sender: "B",
    payload: new Uint8Array(),
  }));
}

function deliver(participant: Participant, first: number, last: number, link = 1) {
  return participant.deliver(link, messages(first, last))?.map(({ seq }) => seq);
}

// --- the table

Deno.test("the table says something about each command in each state", () => {
  for (const state of PARTICIPANT_STATES) {
    assert.deepEqual(Object.keys(COMMAND_TABLE[state]).sort(), [...COMMANDS].sort());
    const isWaiting = state.endsWith("ing");
    assert.equal(OK_TABLE[state] !== undefined, isWaiting);
  }
});

for (const state of PARTICIPANT_STATES) {
  for (const command of COMMANDS) {
    const row = COMMAND_TABLE[state][command];
    const outcome = "waits" in row ? `leads to ${row.waits}` : "is refused";
    Deno.test(`${state}: ${command} ${outcome}`, () => {
      const participant = inState(state);
      if ("refused" in row) {
        assert.equal(participant.refusal(command), `A is ${row.refused}`);
        assert.throws(() => give(participant, command), /isn't refused/);
        assert.equal(participant.state, state);
      } else {
        assert.equal(participant.refusal(command), null);
        give(participant, command);
        assert.equal(participant.state, row.waits);
        assert.equal(participant.isListening, LISTENING.has(row.waits));
      }
    });
  }
}

for (const [state, next] of Object.entries(OK_TABLE) as [ParticipantState, ParticipantState][]) {
  const before = state === "registering"
    ? "unregistered"
    : state === "reconnecting"
    ? "offline"
    : "online";
  Deno.test(`${state}: an answer leads to ${next}, a refusal and none at all back to ${before}`, () => {
    const request = (participant: Participant) => {
      const at = `r${requests}`;
      return [participant, at] as const;
    };
    const [granted, first] = request(inState(state));
    ok(granted, first);
    assert.equal(granted.state, next);
    const [refused, second] = request(inState(state));
    refuse(refused, second);
    assert.equal(refused.state, before);
    const [unanswered, third] = request(inState(state));
    unanswered.unanswered(third);
    assert.equal(unanswered.state, before);
    assert.equal(unanswered.isListening, LISTENING.has(before));
  });
}

Deno.test("a process whose log says that it is a member begins offline", () => {
  assert.equal(new Participant("A", MEMBER).state, "offline");
  assert.equal(new Participant("A", EMPTY).state, "unregistered");
});

Deno.test("the coordinator knows better: one that it doesn't know must register", () => {
  const { participant } = online();
  refuse(participant, give(participant, "msend"), "unknown");
  assert.equal(participant.state, "unregistered");
  assert.equal(participant.isListening, false);
  assert.equal(participant.refusal("register"), null);
});

Deno.test("the coordinator knows better: one that it has given up must reconnect", () => {
  const { participant } = online();
  refuse(participant, give(participant, "msend"), "offline");
  assert.equal(participant.state, "offline");
});

for (
  const [why, state] of [
    ["replaced", "offline"],
    ["left", "offline"],
    ["silent", "online"],
    ["invalid", "online"],
    [null, "online"],
  ] as readonly (readonly [LinkEnd | null, ParticipantState])[]
) {
  Deno.test(`a connection that ends with ${why ?? "no word"} leaves it ${state}`, () => {
    const { participant, session } = online();
    open(participant, session, 0);
    participant.linkClosed(1, why);
    assert.equal(participant.state, state);
  });
}

Deno.test("requests in a session name it; a process that doesn't know it names none", () => {
  const { participant, session } = online();
  const msend = participant.command({ type: "msend", payload: new Uint8Array() }, "x");
  assert.deepEqual(msend, {
    type: "msend",
    request: "x",
    id: "A",
    session,
    payload: new Uint8Array(),
  });
  const restarted = new Participant("A", MEMBER);
  assert.deepEqual(restarted.command({ type: "deregister" }, "y"), {
    type: "deregister",
    request: "y",
    id: "A",
  });
});

Deno.test("any number of messages may wait for their answers, beside another command", () => {
  const { participant } = online();
  const sent = [give(participant, "msend"), give(participant, "msend")];
  const disconnect = give(participant, "disconnect");
  for (const request of sent) ok(participant, request);
  assert.equal(participant.state, "disconnecting");
  ok(participant, disconnect);
  assert.equal(participant.state, "offline");
});

// --- deliveries

const REFUSED = (answer: OpenAnswer) => answer.type === "refused";

Deno.test("a connection is taken before the answer to the registration has come", () => {
  const participant = new Participant("A", EMPTY);
  const session = give(participant, "register");
  assert.equal(open(participant, session, 3).type, "opened");
  assert.deepEqual(deliver(participant, 4, 5), [4, 5]);
});

Deno.test("a connection for somebody else, for another session, or while offline is refused", () => {
  const { participant, session } = online();
  assert.ok(
    REFUSED(participant.open(1, { store: "s", id: "B", session, after: 0 }, 0)),
  );
  assert.ok(REFUSED(open(participant, "other", 0)));
  ok(participant, give(participant, "disconnect"));
  assert.ok(REFUSED(open(participant, session, 0)));
});

Deno.test("an attempt for the process before, on the same port, is refused", () => {
  const participant = new Participant("A", MEMBER);
  assert.ok(REFUSED(open(participant, "of the process before", 3)));
  give(participant, "reconnect");
  assert.ok(REFUSED(open(participant, "of the process before", 3)));
});

Deno.test("a restarted process says what its log has, and writes none of it again", () => {
  const { participant, session } = online(MEMBER);
  const answer = open(participant, session, 3);
  assert.deepEqual(answer, { type: "opened", logged: 7, beginning: null, replaces: null });
  assert.deepEqual(deliver(participant, 4, 9), [8, 9]);
});

Deno.test("what the td rule leaves out is no gap", () => {
  const { participant, session } = online(MEMBER);
  const answer = open(participant, session, 20);
  assert.equal(answer.type === "opened" && answer.logged, 20);
  assert.deepEqual(deliver(participant, 21, 22), [21, 22]);
});

Deno.test("messages with one missing before them are not taken", () => {
  const { participant, session } = online();
  open(participant, session, 0);
  assert.equal(deliver(participant, 2, 3), undefined);
  assert.deepEqual(deliver(participant, 1, 3), [1, 2, 3]);
});

Deno.test("another store begins anew, and says so", () => {
  const { participant, session } = online(MEMBER);
  const answer = open(participant, session, 2, 1, "other");
  assert.deepEqual(answer, {
    type: "opened",
    logged: 2,
    beginning: { store: "other", after: 2 },
    replaces: null,
  });
  assert.deepEqual(deliver(participant, 3, 5), [3, 4, 5]);
});

Deno.test("what is still being written for the store before is no acknowledgement for this one", () => {
  const { participant, session } = online(MEMBER);
  open(participant, session, 7);
  deliver(participant, 8, 100);
  open(participant, session, 0, 2, "other");
  participant.logged(100);
  deliver(participant, 1, 2, 2);
  assert.equal(participant.acknowledgement(0), null);
});

Deno.test("what is received, but not yet on disk, is not acknowledged and not written twice", () => {
  const { participant, session } = online();
  open(participant, session, 0);
  deliver(participant, 1, 3);
  participant.logged(1);
  const answer = open(participant, session, 0, 2);
  assert.deepEqual(answer, { type: "opened", logged: 1, beginning: null, replaces: 1 });
  assert.deepEqual(deliver(participant, 2, 4, 2), [4]);
});

Deno.test("what comes on a connection that was replaced is dropped", () => {
  const { participant, session } = online();
  open(participant, session, 0);
  open(participant, session, 0, 2);
  assert.deepEqual(deliver(participant, 1, 2, 1), []);
  assert.deepEqual(deliver(participant, 1, 2, 2), [1, 2]);
});

Deno.test("it acknowledges what is on disk at once, and gives a sign of life each second", () => {
  const { participant, session } = online();
  assert.equal(participant.acknowledgement(0), null);
  assert.equal(participant.deadline, Infinity);
  open(participant, session, 0);
  assert.equal(participant.acknowledgement(999), null);
  deliver(participant, 1, 3);
  participant.logged(3);
  assert.deepEqual(participant.acknowledgement(999), { link: 1, seq: 3 });
  assert.equal(participant.acknowledgement(999), null);
  assert.equal(participant.deadline, 1999);
  assert.deepEqual(participant.acknowledgement(1999), { link: 1, seq: 3 });
  participant.linkClosed(1, null);
  assert.equal(participant.acknowledgement(9999), null);
});

for (
  const [state, standing, becomes] of [
    ["online", "unknown", "unregistered"],
    ["online", "offline", "offline"],
    ["online", "online", "online"],
    ["offline", "unknown", "unregistered"],
    ["offline", "online", "offline"],
    ["deregistered", "unknown", "deregistered"],
    ["registering", "unknown", "registering"],
  ] as const
) {
  Deno.test(`status says ${standing} of a participant that is ${state}: ${becomes}`, () => {
    const participant = inState(state);
    participant.told(standing, participant.changes);
    assert.equal(participant.state, becomes);
  });
}

Deno.test("a status from before the last command means nothing", () => {
  const participant = new Participant("A", EMPTY);
  const { changes } = participant;
  const request = give(participant, "register");
  const later = participant.changes;
  ok(participant, request);
  participant.told("unknown", changes);
  participant.told("unknown", later);
  assert.equal(participant.state, "online");
});

Deno.test("with a new log it isn't said that the coordinator has no such member", () => {
  const reason = "This log belongs to no member yet: register first";
  for (const command of ["reconnect", "deregister", "disconnect", "msend"] as const) {
    assert.equal(new Participant("A", EMPTY).refusal(command), reason);
  }
  const forgotten = new Participant("A", MEMBER);
  forgotten.told("unknown", forgotten.changes);
  assert.equal(forgotten.refusal("reconnect"), "A is not registered: register first");
});
