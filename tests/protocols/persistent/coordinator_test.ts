/**
 * The coordinator: requests, sessions, deliveries, failures of the store, and restarts.
 */

import assert from "node:assert/strict";
import { MAX_MEMBERS } from "../../../src/protocols/persistent/messages.ts";
import { CoordinatorHost, reasonOf } from "./coordinator_host.ts";

// --- the order of things

Deno.test("a request is committed, then answered, then performed", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.takeWords();
  host.ask({ type: "msend", id: "A", request: "x" });
  assert.deepEqual(host.takeWords(), []);
  assert.equal(host.log.lastSeq, 1);
  host.endTurn();
  assert.deepEqual(host.takeWords(), ["ok x", "deliver 1"]);
});

Deno.test("what one turn brought is one batch: all are answered, then all is pushed at once", () => {
  const host = new CoordinatorHost();
  const [a, b] = [host.join("A"), host.join("B", "register", 2)];
  host.takeWords();
  for (const id of ["A", "B", "A"]) host.ask({ type: "msend", id });
  host.endTurn();
  assert.deepEqual(host.takeWords(), ["ok r3", "ok r4", "ok r5", "deliver 1 2 3", "deliver 1 2 3"]);
  assert.equal(host.pages.get(a)![0], host.pages.get(b)![0], "the same array for both");
});

Deno.test("a crash before the commit leaves nothing; one after it leaves the message", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.ask({ type: "msend", id: "A", request: "x" });
  host.restart();
  assert.equal(host.log.lastSeq, 0);
  host.grant({ type: "msend", id: "A", request: "x", text: "again" });
  host.restart();
  assert.deepEqual(host.texts(host.open("A")), ["again"]);
});

// --- messages

Deno.test("the sender gets its own message", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.send("A", "mine");
  assert.deepEqual(host.texts(link), ["mine"]);
});

Deno.test("messages are opaque: empty, with commands in them, with line breaks and NUL", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  const texts = ["", "quit", "disconnect", " \t two  spaces ", "a\r\nb\0c", "žluťoučký 🐎"];
  for (const text of texts) host.send("A", text);
  assert.deepEqual(host.texts(link), texts);
});

Deno.test("a request that comes again is done once and answered alike", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  const first = host.do({ type: "msend", id: "A", request: "x", text: "once" });
  assert.deepEqual(host.do({ type: "msend", id: "A", request: "x", text: "once" }), first);
  host.ask({ type: "msend", id: "A", request: "y", text: "twice in a turn" });
  host.ask({ type: "msend", id: "A", request: "y", text: "twice in a turn" });
  host.endTurn();
  assert.deepEqual(host.texts(link), ["once", "twice in a turn"]);
});

Deno.test("the same request of another member is another request", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.join("B", "register", 2);
  assert.equal(host.grant({ type: "msend", id: "A", request: "1" }), 1);
  assert.equal(host.grant({ type: "msend", id: "B", request: "1" }), 2);
});

Deno.test("a request is known again after a restart, however long that took", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.grant({ type: "msend", id: "A", request: "x" });
  host.restart(host.now + 86_400_000);
  host.wait(100_000);
  assert.equal(host.grant({ type: "msend", id: "A", request: "x" }), 1);
  assert.equal(host.log.lastSeq, 1);
});

Deno.test("a retry counts though its sender went offline in the meantime", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.grant({ type: "msend", id: "A", request: "x" });
  host.grant({ type: "disconnect", id: "A" });
  assert.equal(host.grant({ type: "msend", id: "A", request: "x" }), 1);
});

Deno.test("a retried registration is no second beginning", () => {
  const host = new CoordinatorHost();
  host.join("B", "register", 2);
  host.grant({ type: "register", id: "A", request: "x" });
  host.send("B", "for A");
  host.grant({ type: "register", id: "A", request: "x" });
  assert.deepEqual(host.texts(host.open("A")), ["for A"]);
});

Deno.test("a late copy of a registration doesn't undo a disconnection", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A", request: "x" });
  host.grant({ type: "disconnect", id: "A" });
  host.grant({ type: "register", id: "A", request: "x" });
  assert.equal(host.coordinator.members(host.now)[0]!.state, "offline");
});

Deno.test("old answers are forgotten, but not before five minutes", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.grant({ type: "msend", id: "A", request: "x" });
  host.acknowledge(link, 1);
  host.wait(299_000);
  assert.equal(host.grant({ type: "msend", id: "A", request: "x" }), 1);
  host.wait(100_000);
  assert.equal(host.log.seqOfRequest("A x"), undefined);
});

// --- membership

const REFUSALS = [
  ["disconnect", null, "A is not registered: register first"],
  ["reconnect", null, "A is not registered: register first"],
  ["deregister", null, "A is not registered: register first"],
  ["msend", null, "A is not registered: register first"],
  ["msend", "disconnect", "A is offline: reconnect first"],
  ["disconnect", "disconnect", "A is offline already"],
  ["msend", "deregister", "A is not registered: register first"],
  ["reconnect", "deregister", "A is not registered: register first"],
  ["disconnect", "deregister", "A is not registered: register first"],
  ["deregister", "deregister", "A is not registered: register first"],
] as const;

for (const [type, after, reason] of REFUSALS) {
  Deno.test(`${type} ${after === null ? "before register" : `after ${after}`} is refused`, () => {
    const host = new CoordinatorHost();
    if (after !== null) {
      host.join("A");
      host.grant({ type: after, id: "A" });
    }
    const before = host.log.lastSeq;
    assert.equal(reasonOf(host.do({ type, id: "A" })), reason);
    assert.equal(host.log.lastSeq, before);
  });
}

Deno.test("register is a new beginning: nothing from before, not even what was on its way", () => {
  const host = new CoordinatorHost();
  host.join("B", "register", 2);
  host.send("B", "before");
  const link = host.join("A");
  assert.deepEqual(host.texts(link), []);
  host.send("B", "between");
  host.grant({ type: "disconnect", id: "A" });
  host.send("B", "missed");
  const again = host.join("A", "register");
  host.send("B", "after");
  assert.deepEqual(host.texts(again), ["after"]);
});

Deno.test("who deregistered never gets what was sent meanwhile", () => {
  const host = new CoordinatorHost();
  host.join("B", "register", 2);
  const first = host.join("A");
  host.grant({ type: "deregister", id: "A" });
  assert.equal(host.closed.get(first), "left");
  host.send("B", "missed");
  const second = host.join("A");
  host.send("B", "after");
  assert.deepEqual(host.texts(second), ["after"]);
});

Deno.test("in one turn, a message before a registration isn't for it, one after it is", () => {
  const host = new CoordinatorHost();
  host.join("B", "register", 2);
  host.ask({ type: "msend", id: "B", text: "before" });
  host.ask({ type: "register", id: "A" });
  host.ask({ type: "msend", id: "B", text: "after" });
  host.endTurn();
  assert.deepEqual(host.texts(host.open("A")), ["after"]);
});

Deno.test("a member that comes back on another port is called there, and not at the old one", () => {
  const host = new CoordinatorHost();
  host.join("A", "register", 7);
  host.grant({ type: "disconnect", id: "A" });
  host.join("A", "reconnect", 8);
  assert.deepEqual(host.attempts.map(({ address }) => address.port), [7, 8]);
  host.wait(60_000);
  assert.equal(host.attempts.filter(({ address }) => address.port === 7).length, 1);
});

Deno.test("only so many can be members", () => {
  const host = new CoordinatorHost();
  for (let i = 0; i < MAX_MEMBERS; i++) host.ask({ type: "register", id: `m${i}` });
  host.endTurn();
  assert.match(reasonOf(host.do({ type: "register", id: "A" })), /1000 members already/);
  host.grant({ type: "register", id: "m0", takeOver: true });
  host.grant({ type: "deregister", id: "m0" });
  host.grant({ type: "register", id: "A" });
});

// --- two processes with one ID

for (const type of ["register", "reconnect"] as const) {
  Deno.test(`${type} at another address is refused by name while the first process lives`, () => {
    const host = new CoordinatorHost();
    const link = host.join("A", "register", 7);
    host.wait(2000);
    host.acknowledge(link, 0);
    host.wait(2000);
    const reply = host.do({ type, id: "A", port: 8 });
    assert.equal(reasonOf(reply), "A is online at h:7 already");
    assert.equal(host.closed.size, 0);
  });

  Deno.test(`${type} takes over if it is told to`, () => {
    const host = new CoordinatorHost();
    host.join("B", "register", 2);
    const first = host.join("A", "register", 7);
    host.grant({ type, id: "A", port: 8, takeOver: true });
    assert.equal(host.closed.get(first), "replaced");
    const second = host.open("A");
    host.send("B", "to the second");
    assert.deepEqual([host.texts(first), host.texts(second)], [[], ["to the second"]]);
  });

  Deno.test(`${type} needs no take-over once the first process is dead`, () => {
    const host = new CoordinatorHost();
    host.drop(host.join("A", "register", 7));
    host.grant({ type, id: "A", port: 8 });
    host.open("A");
    host.wait(3001); // Silent for so long.
    host.grant({ type, id: "A", port: 9 });
  });
}

Deno.test("a second process is refused before the first one's connection is up, too", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A", port: 7 });
  assert.match(reasonOf(host.do({ type: "register", id: "A", port: 8 })), /online at h:7/);
});

Deno.test("a process whose place was taken can't disconnect the one that took it", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A", port: 7, request: "first" });
  host.grant({ type: "register", id: "A", port: 8, request: "second", takeOver: true });
  for (const type of ["disconnect", "deregister", "msend"] as const) {
    const reply = host.do({ type, id: "A", session: "first" });
    assert.equal(reasonOf(reply), "Another process has taken the place of A");
  }
  host.grant({ type: "disconnect", id: "A", session: "second" });
});

for (const type of ["disconnect", "deregister"] as const) {
  Deno.test(`${type} without a session is refused while a process of the member lives`, () => {
    const host = new CoordinatorHost();
    const link = host.join("A", "register", 7);
    const reply = host.do({ type, id: "A", session: null });
    assert.equal(reasonOf(reply), `A is online at h:7: only the process there can ${type} it`);
    assert.equal(reply.type === "error" && reply.standing, "online");
    assert.equal(host.closed.size, 0);
    host.drop(link);
    host.grant({ type, id: "A", session: null });
  });
}

Deno.test("a take-over of a live process loses nothing, whatever td is", () => {
  const host = new CoordinatorHost({ tdMs: 0 });
  const link = host.join("A");
  host.send("A", "on its way");
  host.wait(2000);
  host.grant({ type: "reconnect", id: "A", port: 8, takeOver: true });
  assert.deepEqual(host.texts(host.open("A")), ["on its way"]);
  host.acknowledge(link, 1); // The old process: its log isn't that of the new one.
  assert.equal(host.coordinator.members(host.now)[0]!.backlog, 1);
});

// --- delivery connections

Deno.test("a connection that fails is tried again, less and less often, at most every two seconds", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A" });
  const begin = host.now;
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    host.fail("A");
    const known = host.attempts.length;
    while (host.attempts.length === known) host.wait(10);
    times.push(host.now - begin);
  }
  const pauses = times.map((time, i) => time - (times[i - 1] ?? 0));
  assert.deepEqual(pauses, [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
});

Deno.test("after a connection was up, the first retry is soon again", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A" });
  for (let i = 0; i < 5; i++) {
    host.fail("A");
    host.wait(2000);
  }
  host.drop(host.open("A"));
  const known = host.attempts.length;
  host.wait(50);
  assert.equal(host.attempts.length, known + 1);
});

Deno.test("catching up comes first and in order, live messages after it, no gap, no double", () => {
  const host = new CoordinatorHost({ windowMessages: 3 });
  host.join("A");
  const first = host.join("B", "register", 2);
  for (let i = 1; i <= 4; i++) host.send("A", `m${i}`);
  host.drop(first);
  for (let i = 5; i <= 8; i++) host.send("A", `m${i}`);
  const second = host.open("B", 2);
  host.send("A", "live 9");
  for (let seq = 2; seq <= 9; seq++) host.acknowledge(second, seq);
  assert.deepEqual(host.texts(second), ["m3", "m4", "m5", "m6", "m7", "m8", "live 9"]);
});

Deno.test("what is on its way to one member is bounded in messages", () => {
  const host = new CoordinatorHost({ windowMessages: 10 });
  const link = host.join("A");
  for (let i = 0; i < 100; i++) host.send("A", "m");
  assert.equal(host.texts(link).length, 10);
  host.acknowledge(link, 4);
  assert.equal(host.texts(link).length, 14);
  assert.equal(host.coordinator.members(host.now)[0]!.inFlight, 10);
});

Deno.test("and in bytes", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  for (let i = 0; i < 40; i++) host.send("A", "x".repeat(100_000));
  assert.equal(host.texts(link).length, 10);
  host.acknowledge(link, 1);
  assert.equal(host.texts(link).length, 11);
});

Deno.test("one batch that is larger than the window goes out in pieces that are the same for all", () => {
  const host = new CoordinatorHost({ windowMessages: 256 });
  const [a, b] = [host.join("A"), host.join("B", "register", 2)];
  for (let i = 0; i < 1000; i++) host.ask({ type: "msend", id: "A", text: String(i) });
  host.endTurn();
  for (let seq = 64; seq <= 1024; seq += 64) {
    for (const link of [b, a]) host.acknowledge(link, Math.min(seq, 1000));
  }
  assert.deepEqual(host.texts(a), Array.from({ length: 1000 }, (_, i) => String(i)));
  const same = host.pages.get(a)!.map((page, i) => page === host.pages.get(b)![i]);
  assert.ok(same.every(Boolean));
});

Deno.test("what comes alone is pushed at once; what comes right after it waits, and goes together", () => {
  const host = new CoordinatorHost({ pushPauseMs: 2 });
  const [a, b] = [host.join("A"), host.join("B", "register", 2)];
  host.wait(2000);
  host.send("A", "1");
  assert.deepEqual(host.texts(a), ["1"]);
  host.send("A", "2");
  host.acknowledge(a, 1);
  host.send("B", "3");
  assert.deepEqual(host.texts(a), ["1"]);
  assert.equal(host.coordinator.deadline, host.now + 4, "two milliseconds for each of two members");
  host.wait(4);
  assert.deepEqual([host.texts(a), host.texts(b)], [["1", "2", "3"], ["1", "2", "3"]]);
  host.wait(4);
  assert.ok(host.coordinator.deadline > host.now + 4, "nothing to push: nobody is woken for it");
});

Deno.test("however many members there are, the pause has a limit", () => {
  const host = new CoordinatorHost({ pushPauseMs: 2 });
  const links = Array.from({ length: 20 }, (_, i) => host.join(`m${i}`, "register", i + 1));
  host.wait(2000);
  host.send("m0", "1");
  host.send("m0", "2");
  assert.equal(host.coordinator.deadline, host.now + 10);
  host.wait(10);
  for (const link of links) assert.deepEqual(host.texts(link), ["1", "2"]);
});

Deno.test("one that is slow, stopped or dead delays nobody", () => {
  const host = new CoordinatorHost({ windowMessages: 4 });
  const quick = host.join("A");
  const slow = host.join("B", "register", 2);
  host.grant({ type: "register", id: "C", port: 3 });
  for (let i = 1; i <= 50; i++) {
    host.send("A", "m");
    host.acknowledge(quick, i);
  }
  assert.equal(host.texts(quick).length, 50);
  assert.equal(host.texts(slow).length, 4);
});

Deno.test("a connection that is silent for too long is made anew", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.send("A", "m");
  host.wait(9000);
  assert.equal(host.closed.size, 0);
  host.wait(3000);
  assert.equal(host.closed.get(link), "silent");
  assert.deepEqual(host.texts(host.open("A")), ["m"]);
});

Deno.test("an acknowledgement of what was never sent ends the connection, and means nothing", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.send("A", "m");
  host.acknowledge(link, 2);
  assert.equal(host.closed.get(link), "invalid");
  host.wait(50);
  assert.deepEqual(host.texts(host.open("A")), ["m"]);
});

Deno.test("a log that claims to have what was never stored is refused", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A" });
  const link = host.open("A", 1);
  assert.equal(host.closed.get(link), "invalid");
});

Deno.test("what a log has lost that was acknowledged doesn't come again", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  for (const text of ["m1", "m2", "m3"]) host.send("A", text);
  host.acknowledge(link, 2);
  host.drop(link);
  assert.deepEqual(host.texts(host.open("A", 0)), ["m3"]);
});

Deno.test("a connection for a session that is over is closed", () => {
  const host = new CoordinatorHost();
  host.grant({ type: "register", id: "A" });
  host.grant({ type: "disconnect", id: "A" });
  assert.equal(host.closed.get(host.open("A")), "left");
});

Deno.test("an acknowledgement that goes back changes nothing", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  for (let i = 0; i < 3; i++) host.send("A", "m");
  host.acknowledge(link, 3);
  host.acknowledge(link, 1);
  assert.equal(host.coordinator.members(host.now)[0]!.backlog, 0);
  assert.equal(host.coordinator.delivered, 3);
});

Deno.test("a member that has not been heard of for an hour goes offline", () => {
  const host = new CoordinatorHost();
  host.drop(host.join("A"));
  host.wait(3_599_000);
  assert.equal(host.coordinator.members(host.now)[0]!.state, "online");
  host.wait(3000);
  assert.equal(host.coordinator.members(host.now)[0]!.state, "offline");
  const { length } = host.attempts;
  host.wait(60_000);
  assert.equal(host.attempts.length, length);
});

// --- the store

Deno.test("if the store fails, all of the batch are told so, and everything is as before", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.send("A", "kept");
  host.log.failure = "the disk is full";
  const asked = [
    host.ask({ type: "msend", id: "A", request: "x", text: "lost" }),
    host.ask({ type: "register", id: "B", port: 2 }),
    host.ask({ type: "disconnect", id: "A" }),
  ];
  host.endTurn();
  for (const connection of asked) {
    assert.equal(reasonOf(host.replies.get(connection)!), "Not stored: the disk is full");
  }
  assert.deepEqual(host.coordinator.members(host.now).map(({ id, state }) => `${id} ${state}`), [
    "A online",
  ]);
  assert.equal(host.closed.size, 0);
  host.log.failure = null;
  assert.equal(host.grant({ type: "msend", id: "A", request: "x", text: "now" }), 2);
  assert.deepEqual(host.texts(link), ["kept", "now"]);
});

Deno.test("a retry of what is stored is answered well, though the batch that it is in fails", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.grant({ type: "msend", id: "A", request: "x" });
  host.log.failure = "the disk is full";
  const retry = host.ask({ type: "msend", id: "A", request: "x" });
  const lost = host.ask({ type: "msend", id: "A", request: "y" });
  const lostAgain = host.ask({ type: "msend", id: "A", request: "y" });
  host.endTurn();
  const types = [retry, lost, lostAgain].map((connection) => host.replies.get(connection)!.type);
  assert.deepEqual(types, ["ok", "error", "error"]);
});

Deno.test("a reconnection that couldn't be stored leaves the member offline since when it was", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  host.join("A");
  host.join("B", "register", 2);
  host.grant({ type: "disconnect", id: "B" });
  host.send("A", "old");
  host.wait(1000);
  host.log.failure = "the disk is full";
  host.do({ type: "reconnect", id: "B" });
  host.log.failure = null;
  host.wait(1001);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), []);
});

Deno.test("a sign of life counts though the store failed in that moment", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  host.join("A");
  host.drop(host.join("B", "register", 2));
  host.send("A", "old");
  host.wait(1500);
  host.log.failure = "the disk is full";
  const link = host.open("B");
  host.log.failure = null;
  host.drop(link);
  host.wait(1900);
  assert.deepEqual(host.texts(host.join("B", "reconnect", 3)), ["old"]);
});

Deno.test("a take-over that couldn't be stored leaves the first process where it is", () => {
  const host = new CoordinatorHost();
  const link = host.join("A", "register", 7);
  host.log.failure = "the disk is full";
  host.do({ type: "register", id: "A", port: 8, takeOver: true });
  host.log.failure = null;
  host.send("A", "m");
  assert.deepEqual(host.texts(link), ["m"]);
  host.drop(link);
  host.wait(50);
  assert.equal(host.attempts.at(-1)!.address.port, 7);
});

// --- restarts

Deno.test("after a restart the members are there, and get what they had not acknowledged", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.grant({ type: "register", id: "B", port: 2 });
  host.grant({ type: "disconnect", id: "B" });
  for (let i = 1; i <= 3; i++) host.send("A", `m${i}`);
  host.acknowledge(link, 2);
  host.attempts.length = 0;
  host.restart();
  assert.deepEqual(host.attempts.map(({ id }) => id), ["A"]);
  assert.deepEqual(host.texts(host.open("A", 2)), ["m3"]);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), ["m1", "m2", "m3"]);
});

Deno.test("what was acknowledged shortly before a crash comes again, from where the log says", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  for (let i = 1; i <= 3; i++) host.send("A", `m${i}`);
  host.acknowledge(link, 3);
  host.restart();
  assert.deepEqual(host.texts(host.open("A", 3)), []);
  host.send("A", "m4");
  host.restart();
  assert.deepEqual(host.texts(host.open("A", 3)), ["m4"]);
});

Deno.test("a disconnection keeps what was acknowledged before it", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  for (let i = 1; i <= 3; i++) host.send("A", `m${i}`);
  host.acknowledge(link, 2);
  host.grant({ type: "disconnect", id: "A" });
  host.restart();
  assert.equal(host.grant({ type: "reconnect", id: "A" }), 2);
});

Deno.test("a message's number isn't used again after a restart, though it was cleaned away", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.send("A", "m1");
  host.acknowledge(link, 1);
  host.wait(2000);
  assert.deepEqual(host.log.read(0, 10, 1000), []);
  host.restart();
  assert.equal(host.send("A", "m2"), 2);
});

Deno.test("a clock that was set back goes on from the latest time in the store", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  host.join("A");
  host.grant({ type: "register", id: "B", port: 2 });
  host.send("A", "m1");
  host.wait(500);
  host.grant({ type: "disconnect", id: "B" });
  host.restart(host.now - 3_600_000);
  host.wait(1000);
  host.send("A", "m2");
  const [m1, m2] = host.log.read(0, 10, 1000);
  assert.equal(m2!.at - m1!.at, 1500);
  host.wait(1001);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), ["m2"]);
});

Deno.test("a clock that was set forward counts as time that has passed", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  host.join("A");
  host.grant({ type: "register", id: "B", port: 2 });
  host.grant({ type: "disconnect", id: "B" });
  host.send("A", "m1");
  host.restart(host.now + 3_600_000);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), []);
});

// --- cleaning up

Deno.test("what everybody has acknowledged is cleaned away", () => {
  const host = new CoordinatorHost();
  const [a, b] = [host.join("A"), host.join("B", "register", 2)];
  for (let i = 0; i < 5; i++) host.send("A", "m");
  host.acknowledge(a, 5);
  host.acknowledge(b, 3);
  host.wait(1000);
  assert.deepEqual(host.log.read(0, 10, 1000).map(({ seq }) => seq), [4, 5]);
});

Deno.test("what somebody who is offline may still get is kept for td, then what is younger", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  const link = host.join("A");
  host.grant({ type: "register", id: "B", port: 2 });
  host.grant({ type: "disconnect", id: "B" });
  const begin = host.now;
  const send = () => host.acknowledge(link, host.send("A", `${host.now - begin}`));
  const kept = () => host.log.read(0, 100, 10_000).map(({ at }) => at - begin);
  for (let i = 0; i < 5; i++) {
    send();
    host.wait(500);
  }
  assert.ok(kept().includes(0), "2 s after the disconnection, nothing may be missing");
  for (let i = 0; i < 10; i++) {
    send();
    host.wait(500);
  }
  assert.ok(kept()[0]! > 0, "later, what is old is gone");
  const oldest = host.now - begin - 2000;
  assert.deepEqual(
    host.texts(host.join("B", "reconnect")).map(Number),
    [5500, 6000, 6500, 7000].filter((at) => at >= oldest),
  );
});

Deno.test("a clean-up asks for nothing that a crash and a clock set back would bring back", () => {
  const host = new CoordinatorHost({ tdMs: 2000 });
  const link = host.join("A");
  host.grant({ type: "register", id: "B", port: 2 });
  host.grant({ type: "disconnect", id: "B" });
  host.acknowledge(link, host.send("A", "m"));
  host.wait(10_000);
  host.restart(host.now - 10_000);
  assert.deepEqual(host.texts(host.join("B", "reconnect")), ["m"]);
});

Deno.test("a group without members keeps nothing", () => {
  const host = new CoordinatorHost();
  host.join("A");
  host.send("A", "m");
  host.grant({ type: "deregister", id: "A" });
  host.wait(1000);
  assert.deepEqual(host.log.read(0, 10, 1000), []);
});

Deno.test("an idle group commits nothing", () => {
  const host = new CoordinatorHost();
  const link = host.join("A");
  host.wait(60_000 - 1);
  let commits = 0;
  const commit = host.log.commit.bind(host.log);
  host.log.commit = () => {
    commits++;
    commit();
  };
  for (let i = 0; i < 30; i++) {
    host.wait(1000);
    host.acknowledge(link, 0);
  }
  assert.ok(commits <= 2, `${commits} commits`);
});

Deno.test("status says what waits for whom", () => {
  const host = new CoordinatorHost();
  const link = host.join("B", "register", 2);
  host.grant({ type: "register", id: "A" });
  host.send("B", "m");
  host.acknowledge(link, 1);
  host.wait(700);
  assert.deepEqual(host.coordinator.members(host.now), [
    {
      id: "A",
      address: { host: "h", port: 1 },
      state: "online",
      connected: false,
      backlog: 1,
      inFlight: 0,
      lastAckAgeMs: null,
    },
    {
      id: "B",
      address: { host: "h", port: 2 },
      state: "online",
      connected: true,
      backlog: 0,
      inFlight: 0,
      lastAckAgeMs: 700,
    },
  ]);
});
