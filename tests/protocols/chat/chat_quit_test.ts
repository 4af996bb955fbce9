/**
 * Quits at bad moments: beside newcomers that don't come, outages, and members that vanish.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Random } from "../../../src/protocols/random.ts";
import { isChatDatagram } from "../../../src/wire/chat_messages.ts";
import { type ChatFate, type Chatter, VirtualChat } from "./virtual_chat.ts";

type Three = [Chatter, Chatter, Chatter];

/** Starts these, and goes on until they are in one view. */
function gather(chat: VirtualChat, ...names: string[]): Chatter[] {
  const all = names.map((name) => chat.start(name));
  const isTogether = () => all.every(({ members }) => members.length === names.length);
  assert.ok(chat.runUntil(isTogether), "they are together");
  return all;
}

/** Nobody waits for the quitter, which has lost nothing: all others go on without it. */
function checkGoesOn(
  chat: VirtualChat,
  quitter: Chatter,
  others: readonly Chatter[],
  where: string,
): void {
  assert.ok(chat.runUntil(() => quitter.group.left, 60_000), `${where}: it has left`);
  const last = quitter.said.at(-1)!;
  others[0]!.say("on we go");
  const goOn = others[0]!.said.at(-1)!;
  const hasAll = ({ lines }: Chatter) => lines.includes(last) && lines.includes(goOn);
  assert.ok(chat.runUntil(() => others.every(hasAll), 30_000), `${where}: the others go on`);
  assert.ok(quitter.lines.includes(last), `${where}: it has delivered its own last line`);
  for (const other of others) {
    assert.ok(!other.members.includes(quitter.name), where);
    assert.deepEqual(other.lines, others[0]!.lines, where);
  }
}

Deno.test("a quit beside a newcomer that was killed blocks nobody and loses nothing", () => {
  for (let who = 0; who < 3; who++) {
    for (const passedMs of [0, 1, 3, 8, 20, 300, 990, 1200, 2000, 2900, 3300]) {
      const chat = new VirtualChat({ kind: "open", seed: 3, fate: () => [2] });
      const all = gather(chat, "a", "b", "c");
      const d = chat.start("d");
      chat.run(3); // Its greeting has arrived, and nothing else of it.
      d.isDead = true;
      chat.run(passedMs);
      const quitter = all[who]!;
      quitter.say("last");
      quitter.group.leave();
      const others = all.filter((each) => each !== quitter);
      checkGoesOn(chat, quitter, others, `${quitter.name} after ${passedMs} ms`);
    }
  }
});

Deno.test("a quit beside a newcomer that hears nothing blocks nobody and loses nothing", () => {
  for (let seed = 1; seed <= 60; seed++) {
    let deafPort = 0;
    const fate: ChatFate = (_from, to) => to === deafPort ? [] : [1];
    const chat = new VirtualChat({ kind: "open", seed, fate });
    const all = gather(chat, "a", "b", "c");
    deafPort = chat.start("d").self.port;
    chat.run(230 * seed);
    const quitter = all[seed % 3]!;
    quitter.say("last");
    quitter.group.leave();
    checkGoesOn(chat, quitter, all.filter((each) => each !== quitter), `seed ${seed}`);
  }
});

Deno.test("a newcomer that hears nothing is left out by all, not by the coordinator alone", () => {
  let deafPort = 0;
  const fate: ChatFate = (_from, to) => to === deafPort ? [] : [1];
  const chat = new VirtualChat({ kind: "open", fate });
  const all = gather(chat, "a", "b", "c");
  deafPort = chat.start("d").self.port;
  const before = all[0]!.log.length;
  chat.run(60_000);
  // It is tried every 13 s: for 3 s, and then not for 10 s.
  const views = all[0]!.log.length - before;
  assert.ok(views >= 4 && views <= 5, `${views} views without it`);
});

Deno.test("outages of up to ten seconds beside a quit block nobody and lose nothing", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random([seed, 11]);
    let lostPort = 0;
    const delays = new Random([seed, 12]);
    const fate: ChatFate = (from, to) =>
      from === lostPort || to === lostPort ? [] : [delays.between(1, 30)];
    const kind = random.chance(0.5) ? "static" : "open";
    const chat = new VirtualChat({ kind, seed, fate, names: ["a", "b", "c"] });
    const all = gather(chat, "a", "b", "c");
    const isStop = random.chance(0.5);
    const lost = all[random.below(3)]!;
    const quitter = all[random.below(3)]!;
    const setLost = (isLost: boolean) => {
      if (isStop) lost.isStopped = isLost;
      else lostPort = isLost ? lost.self.port : 0;
    };
    const isBefore = random.chance(0.5);
    if (isBefore) {
      setLost(true);
      chat.run(random.between(0, 300));
    }
    quitter.say("last");
    quitter.group.leave();
    if (!isBefore) {
      chat.run(random.between(0, 150));
      setLost(true);
    }
    chat.run(random.between(0, 10_000));
    setLost(false);
    const others = all.filter((each) => each !== quitter);
    checkGoesOn(chat, quitter, others, `seed ${seed}: ${quitter.name} quits, ${lost.name} is away`);
  }
});

Deno.test("a quitter that loses patience is left out of the view that is being begun", () => {
  for (let who = 0; who < 3; who++) {
    const chat = new VirtualChat({ kind: "open", fate: () => [2] });
    const all = gather(chat, "a", "b", "c");
    const d = chat.start("d");
    chat.run(3);
    d.isDead = true;
    chat.run(500);
    const quitter = all[who]!;
    const others = all.filter((each) => each !== quitter);
    quitter.group.leave();
    chat.run(1000);
    quitter.group.abandon();
    assert.ok(quitter.group.left);
    others[0]!.say("on we go");
    const goOn = others[0]!.said[0]!;
    const hasAll = () => others.every(({ lines }) => lines.includes(goOn));
    assert.ok(chat.runUntil(hasAll, 5000), `${quitter.name} has gone`);
    const { name } = quitter;
    assert.ok(chat.runUntil(() => others.every(({ members }) => !members.includes(name)), 5000));
    for (const other of others) {
      assert.ok(other.told.every(({ type }) => type !== "warning"), "it is no loss to anybody");
    }
  }
});

Deno.test("who leaves properly says so, and whoever missed its last word needs not wait for it", () => {
  let missed = 0;
  for (let heardMs = 0; heardMs < 60; heardMs++) {
    let [deafAt, port] = [Infinity, 0];
    // From then on b's frames are lost, but for its farewell.
    const fate: ChatFate = (from, _to, now, bytes) =>
      from === port && now >= deafAt && !isChatDatagram(bytes) ? [] : [5];
    const chat = new VirtualChat({ names: ["a", "b", "c"], fate });
    const [a, b, c] = gather(chat, "a", "b", "c") as Three;
    chat.run(100);
    [deafAt, port] = [chat.now + heardMs, b.self.port];
    b.group.leave();
    const isAlone = () => b.group.left && [a, c].every(({ members }) => members.length === 2);
    if (!chat.runUntil(isAlone, 2000)) continue; // They missed more than that.
    missed++;
    a.group.leave();
    assert.ok(chat.runUntil(() => a.group.left, 1000), `b is heard for ${heardMs} ms`);
    assert.ok([a, c].every(({ told }) => told.every(({ type }) => type !== "warning")));
  }
  assert.ok(missed > 5, `${missed} quits mean something`);
});

Deno.test("who leaves waits for a member for half a minute, and not for one long silent", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [a, b, c] = gather(chat, "a", "b", "c") as Three;
  c.isDead = true;
  a.group.leave();
  assert.ok(!chat.runUntil(() => a.group.left, 29_000));
  assert.ok(chat.runUntil(() => a.group.left, 2000));
  b.group.leave();
  assert.ok(!chat.runUntil(() => b.group.left, 5000));
  assert.ok(chat.runUntil(() => b.group.left, 2000));
});

Deno.test("a newcomer whose inviter dies keeps nobody from beginning a chat, and joins it", () => {
  const chat = new VirtualChat({ kind: "open", seed: 3, fate: () => [5] });
  const [a] = gather(chat, "a") as [Chatter];
  const b = chat.start("b");
  assert.ok(chat.runUntil(() => b.openViews > 0, 10_000), "b is invited");
  a.isDead = true;
  chat.unregister("a");
  chat.run(500);
  const [c, d] = [chat.start("c"), chat.start("d")];
  const all = [b, c, d];
  assert.ok(chat.runUntil(() => all.every(({ members }) => members.length === 3), 8000));
  c.say("hello");
  assert.ok(chat.runUntil(() => all.every(({ lines }) => lines.includes("c:1:hello")), 2000));
});

Deno.test("a newcomer whose inviter dies begins a chat of its own after a while", () => {
  const chat = new VirtualChat({ kind: "open", seed: 3, fate: () => [5] });
  const [a] = gather(chat, "a") as [Chatter];
  const b = chat.start("b");
  assert.ok(chat.runUntil(() => b.openViews > 0, 10_000), "b is invited");
  a.isDead = true;
  chat.unregister("a");
  assert.ok(!chat.runUntil(() => b.members.length > 0, 9000));
  assert.deepEqual(b.latest("waiting"), ["a"]);
  assert.ok(chat.runUntil(() => b.members.length > 0, 4000));
  assert.deepEqual(b.latest("waiting"), []);
});

Deno.test("an inviter that is away for long finds its newcomer again", () => {
  for (const awayMs of [5000, 12_000, 20_000]) {
    const chat = new VirtualChat({ names: ["a", "b"], fate: () => [5] });
    const [a, b] = [chat.start("a"), chat.start("b")];
    assert.ok(chat.runUntil(() => b.openViews > 0), "b is invited");
    a.isStopped = true;
    chat.run(awayMs);
    a.isStopped = false;
    assert.ok(chat.runUntil(() => b.members.length === 2 && a.members.length === 2, 3000));
  }
});

Deno.test("who waits for the first of the list to begin an open chat is told so", () => {
  const chat = new VirtualChat({ kind: "open" });
  const b = chat.start("b");
  const c = chat.start("c");
  for (let i = 0; i < 20; i++) {
    // b goes on greeting, and does nothing else.
    const greeting = { group: 1234, from: b.self, state: "outside", chat: 0, size: 0 } as const;
    b.isDead = true;
    c.group.receiveGreeting(greeting, chat.now);
    chat.run(250);
  }
  assert.deepEqual(c.members, []);
  assert.deepEqual(c.latest("waiting"), ["b"]);
});
