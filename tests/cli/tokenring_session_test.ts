import assert from "node:assert/strict";
import type { LockHandle, LockListener } from "../../src/hosts/ring_lock.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { parseTokenringInput } from "../../src/cli/tokenring_input.ts";
import { describeMinority, TokenringOutput } from "../../src/cli/tokenring_output.ts";
import { TokenringSession } from "../../src/cli/tokenring_session.ts";
import { RING_COMMAND_TABLE, RING_COMMANDS, RING_STATES } from "../../src/cli/tokenring_states.ts";
import { FakeStreams } from "./fake_streams.ts";

const STATUS = {
  ...{ node: "a", isStarted: true, epoch: 1, value: 5, view: ["a"], holder: null, fence: null },
  ...{ hasQuorum: true, reached: 1, machines: 1, waiting: 0, malformed: 0 },
};

/** A node that does nothing but note what it is told. */
class FakeNode {
  isStarted = false;
  readonly did: string[] = [];
  readonly status = STATUS;
  listener: LockListener | null = null;

  start(): void {
    this.isStarted = true;
    this.did.push("start");
  }

  lock(listener: LockListener): LockHandle {
    this.listener = listener;
    this.did.push("lock");
    return {
      unlock: () => {
        this.did.push("unlock");
        return Promise.resolve();
      },
    };
  }
}

function makeSession() {
  const streams = new FakeStreams();
  const output = new TokenringOutput(
    new Terminal({ command: "mpcomm tokenring", json: true, streams }),
    "a",
  );
  const node = new FakeNode();
  return { streams, output, node, session: new TokenringSession(node, output) };
}

function eventsOf(streams: FakeStreams): Record<string, unknown>[] {
  return streams.out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test("commands are read whatever their case, and others are told apart", () => {
  assert.deepEqual(parseTokenringInput("  LOCK \r"), { command: "lock" });
  assert.equal(parseTokenringInput(" \t"), null);
  for (const line of ["lok", "lock now", "stop it", "\u0007"]) {
    const input = parseTokenringInput(line);
    assert.equal(input?.command, null, line);
  }
  const misspelt = parseTokenringInput("lok");
  assert.ok(misspelt?.command === null && misspelt.reason.endsWith("did you mean lock?"));
});

Deno.test("each command in each state does what the table says, and is answered once", () => {
  for (const state of RING_STATES) {
    for (const command of RING_COMMANDS) {
      const { session, node, streams } = makeSession();
      if (state !== "unstarted") session.feed("start");
      if (state === "waiting" || state === "holding") session.feed("lock");
      if (state === "holding") node.listener!.granted(7, Infinity);
      assert.equal(session.state, state);
      const before = eventsOf(streams).length;
      const did = node.did.length;
      session.feed(command);
      const answers = eventsOf(streams).slice(before).filter(({ event }) =>
        event === "ok" || event === "error"
      );
      assert.equal(answers.length, 1);
      const row = RING_COMMAND_TABLE[state][command];
      if ("refused" in row) {
        assert.deepEqual(answers[0], { event: "error", command, reason: row.refused });
        assert.equal(session.state, state);
        assert.equal(node.did.length, did, "nothing was done");
      } else {
        assert.deepEqual(answers[0], { event: "ok", command });
        assert.equal(session.state, row.leadsTo);
        assert.deepEqual(node.did.slice(did), [command]);
      }
    }
  }
});

Deno.test("unlocked is told before the lock is let go, and only by who had it", () => {
  const { session, node, streams } = makeSession();
  for (const line of ["start", "lock", "unlock", "lock"]) session.feed(line);
  node.listener!.granted(7, Infinity);
  session.feed("unlock");
  const told = eventsOf(streams).map(({ event }) => event);
  assert.deepEqual(told, ["ok", "ok", "ok", "ok", "locked", "ok", "unlocked"]);
  assert.deepEqual(node.did, ["start", "lock", "unlock", "lock", "unlock"]);
});

Deno.test("who has lost the lock may ask for it again", () => {
  const { session, node, streams } = makeSession();
  for (const line of ["start", "lock"]) session.feed(line);
  node.listener!.granted(7, Infinity);
  node.listener!.lost("the lease is over");
  assert.equal(session.state, "idle");
  assert.deepEqual(eventsOf(streams).at(-1), { event: "lost", reason: "the lease is over" });
  session.feed("lock");
  assert.equal(session.state, "waiting");
});

Deno.test("at the end a lock is let go, and a wish forgotten", () => {
  const { session, node } = makeSession();
  for (const line of ["start", "lock"]) session.feed(line);
  node.listener!.granted(7, Infinity);
  session.end();
  assert.deepEqual(node.did, ["start", "lock", "unlock"]);
});

Deno.test("tokens that come fast are printed together, none is lost, and all before what comes after", () => {
  const { session, output, streams } = makeSession();
  for (let value = 1; value <= 100; value++) session.follow({ type: "token", value, epoch: 1 });
  session.follow({ type: "holder", name: "b", fence: 7 });
  const events = eventsOf(streams);
  assert.deepEqual(
    events.slice(0, 100).map(({ value }) => value),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  assert.equal(events[100]!.event, "holder");
  output[Symbol.dispose]();
});

Deno.test("a minority is told in a sentence", () => {
  assert.equal(
    describeMinority(2, 5),
    "no quorum: only 2 of 5 machines answer; 3 are needed, nobody is granted the lock",
  );
});
