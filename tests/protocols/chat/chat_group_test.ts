import assert from "node:assert/strict";
import { Random } from "../../../src/protocols/random.ts";
import { type ChatFate, type Chatter, VirtualChat } from "./virtual_chat.ts";

/** A network with the same faults everywhere. */
function faulty(
  seed: number,
  faults: { delayMs?: [number, number]; loss?: number; duplicate?: number },
): ChatFate {
  const random = new Random([seed, 5]);
  const { delayMs: [min, max] = [1, 1], loss = 0, duplicate = 0 } = faults;
  return () => {
    if (random.chance(loss)) return [];
    const delays = [random.between(min, max)];
    if (random.chance(duplicate)) delays.push(random.between(min, max));
    return delays;
  };
}

function isView(chatters: readonly Chatter[], ...names: string[]): boolean {
  return chatters.every(({ members }) => members.join() === names.join());
}

/** What must hold of any run: one sequence of views for a chat, and one order in each. */
function checkOrder(chatters: readonly Chatter[]): void {
  const byRun = new Map<number, string[]>();
  const runs = new Map<string, number>();
  for (const { log, name } of chatters) {
    for (const { chat, number, run } of log) {
      const view = `view ${number} of chat ${chat}`;
      assert.equal(runs.get(view) ?? run, run, `${name} is in another ${view}`);
      runs.set(view, run);
    }
  }
  for (const { log, name, malformed } of chatters) {
    assert.equal(malformed, 0, name);
    for (const { run, lines } of log) {
      const longest = byRun.get(run) ?? [];
      const common = Math.min(longest.length, lines.length);
      assert.deepEqual(lines.slice(0, common), longest.slice(0, common), `${name}, run ${run}`);
      if (lines.length >= longest.length) byRun.set(run, lines);
    }
    const next = new Map<string, number>();
    for (const line of log.flatMap(({ lines }) => lines)) {
      const [sender, seq] = line.split(":") as [string, string];
      const expected = next.get(sender);
      // Who came back counts from 1 again.
      if (expected !== undefined && seq !== "1") assert.equal(Number(seq), expected, line);
      next.set(sender, Number(seq) + 1);
    }
  }
}

/** Views that two have in common and that both have finished have the same lines. */
function checkAgreement(one: Chatter, other: Chatter): void {
  for (const [i, view] of one.log.entries()) {
    if (i === one.log.length - 1 && !one.group.left) continue;
    const j = other.log.findIndex(({ run }) => run === view.run);
    if (j === -1 || (j === other.log.length - 1 && !other.group.left)) continue;
    assert.deepEqual(other.log[j]!.lines, view.lines, `view ${view.number}`);
  }
}

function startAll(chat: VirtualChat, ...names: string[]): Chatter[] {
  return names.map((name) => chat.start(name));
}

Deno.test("a static chat begins when all are there, and says for whom it waits", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [c] = startAll(chat, "c");
  chat.run(1000);
  assert.deepEqual(c!.latest("waiting"), ["a", "b"]);
  const [a] = startAll(chat, "a");
  chat.run(5000);
  assert.deepEqual(c!.latest("waiting"), ["b"]);
  assert.deepEqual(a!.latest("waiting"), ["b"]);
  const [b] = startAll(chat, "b");
  assert.ok(chat.runUntil(() => isView([a!, b!, c!], "a", "b", "c"), 2000));
  assert.deepEqual(c!.latest("waiting"), []);
  assert.deepEqual(a!.told.find(({ type }) => type === "view"), {
    type: "view",
    number: 1,
    members: ["a", "b", "c"],
    joined: [],
    left: [],
  });
});

Deno.test("lines said before the chat begins are delivered when it has", () => {
  const chat = new VirtualChat({ names: ["a", "b"] });
  const [a] = startAll(chat, "a");
  a!.say("anybody there?");
  chat.run(3000);
  const [b] = startAll(chat, "b");
  assert.ok(chat.runUntil(() => b!.lines.length === 1));
  assert.deepEqual(b!.lines, ["a:1:anybody there?"]);
});

Deno.test("all see all lines in the same order", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"], fate: faulty(3, { delayMs: [1, 80] }) });
  const all = startAll(chat, "a", "b", "c");
  for (let i = 0; i < 20; i++) {
    for (const each of all) each.say(`line ${i}`);
    chat.run(20);
  }
  assert.ok(chat.runUntil(() => all.every(({ lines }) => lines.length === 60)));
  assert.deepEqual(all[1]!.lines, all[0]!.lines);
  assert.deepEqual(all[2]!.lines, all[0]!.lines);
});

Deno.test("who leaves has delivered its last line, and so have all who stay", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"], fate: faulty(4, { delayMs: [1, 50] }) });
  const all = startAll(chat, "a", "b", "c");
  const [a, b, c] = all as [Chatter, Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
  a.say("still here");
  b.say("I must go");
  b.group.leave();
  assert.throws(() => b.group.say("too late"), /leaving/);
  c.say("see you");
  assert.ok(chat.runUntil(() => b.group.left && isView([a, c], "a", "c"), 3000));
  assert.ok(b.lines.includes("b:1:I must go"));
  assert.deepEqual(a.log[0]!.lines, b.log[0]!.lines);
  assert.deepEqual(c.log[0]!.lines, b.log[0]!.lines);
  a.say("gone");
  assert.ok(chat.runUntil(() => [a, c].every(({ lines }) => lines.includes("a:2:gone"))));
  assert.deepEqual(a.lines, c.lines);
});

Deno.test("who left comes back and sees the lines from then on", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [a, b, c] = startAll(chat, "a", "b", "c") as [Chatter, Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView([a, b, c], "a", "b", "c")));
  a.say("one");
  a.group.leave(); // The first of the list, who began the chat.
  assert.ok(chat.runUntil(() => a.group.left && isView([b, c], "b", "c")));
  assert.deepEqual(b.group.who(chat.now), [
    { name: "b", state: "here", self: true },
    { name: "c", state: "here", self: false },
    { name: "a", state: "left", self: false },
  ]);
  b.say("two");
  chat.run(500);
  const again = chat.start("a");
  assert.ok(chat.runUntil(() => isView([again, b, c], "b", "c", "a")));
  again.say("three");
  assert.ok(chat.runUntil(() => [again, b, c].every(({ lines }) => lines.includes("a:1:three"))));
  assert.deepEqual(again.lines, ["a:1:three"]);
  checkOrder([a, b, c, again]);
});

Deno.test("all leave at the same moment", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const fate = faulty(seed, { delayMs: [1, 20], loss: 0.1 });
    const chat = new VirtualChat({ names: ["a", "b", "c", "d"], seed, fate });
    const all = startAll(chat, "a", "b", "c", "d");
    assert.ok(chat.runUntil(() => isView(all, "a", "b", "c", "d")));
    for (const each of all) {
      each.say("bye");
      each.group.leave();
    }
    assert.ok(chat.runUntil(() => all.every(({ group }) => group.left), 10_000), `seed ${seed}`);
    for (const each of all) {
      assert.equal(each.log[0]!.lines.filter((line) => line === `${each.name}:1:bye`).length, 1);
    }
    checkOrder(all);
    for (const one of all) for (const other of all) checkAgreement(one, other);
  }
});

Deno.test("nobody who leaves is told that others who leave could not wait for it", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const fate = faulty(seed, { delayMs: [20, 60], loss: 0.05 });
    const chat = new VirtualChat({ names: ["a", "b", "c"], seed, fate });
    const all = startAll(chat, "a", "b", "c");
    assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
    const random = new Random([seed, 6]);
    for (const each of all) {
      each.group.leave();
      chat.run(random.between(0, 20));
    }
    assert.ok(chat.runUntil(() => all.every(({ group }) => group.left), 10_000), `seed ${seed}`);
    chat.run(500); // What is still under way arrives.
    for (const { told } of all) {
      assert.deepEqual(told.filter(({ type }) => type === "warning"), [], `seed ${seed}`);
    }
  }
});

Deno.test("who leaves alone leaves at once", () => {
  const chat = new VirtualChat({ kind: "open" });
  const [a] = startAll(chat, "a") as [Chatter];
  assert.ok(chat.runUntil(() => isView([a], "a")));
  a.say("to myself");
  a.group.leave();
  const before = chat.now;
  assert.ok(chat.runUntil(() => a.group.left));
  assert.ok(chat.now - before < 50);
  assert.deepEqual(a.lines, ["a:1:to myself"]);
});

Deno.test("who leaves before the chat has begun is not waited for as if it were there", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  chat.run(1000);
  assert.deepEqual(a.latest("waiting"), ["c"]);
  b.group.leave();
  assert.ok(chat.runUntil(() => b.group.left, 10));
  const c = chat.start("c");
  chat.run(2000);
  assert.deepEqual(a.latest("waiting"), ["b"]);
  assert.deepEqual(a.members, []);
  const again = chat.start("b");
  assert.ok(chat.runUntil(() => isView([a, again, c], "a", "b", "c")));
});

Deno.test("two who give up at the same moment say so a few times, not for ever", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"], fate: () => [1, 2] });
  const all = startAll(chat, "a", "b");
  chat.run(1000);
  const before = chat.datagrams;
  for (const { group } of all) group.leave();
  chat.run(1000);
  assert.ok(all.every(({ group }) => group.left));
  assert.ok(chat.datagrams - before < 50, `${chat.datagrams - before} datagrams`);
});

Deno.test("a static chat begins although one was killed after its greeting and started again", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [b, c] = startAll(chat, "b", "c") as [Chatter, Chatter];
  chat.run(400);
  c.isDead = true; // a will invite the one that is no more.
  const a = chat.start("a");
  chat.setFate((from) => from === c.self.port ? [] : [1]);
  // a needs a greeting of c: as if it had been on its way.
  a.group.receiveGreeting({ group: 1234, from: c.self, state: "outside", chat: 0, size: 0 }, 401);
  chat.setFate(() => [1]);
  chat.run(2000);
  assert.deepEqual(a.members, []);
  assert.deepEqual(a.latest("waiting"), ["c"]);
  const again = chat.start("c");
  assert.ok(chat.runUntil(() => isView([a, b, again], "a", "b", "c"), 3000));
});

Deno.test("once the coordinator has heard from all, nobody takes another one's place", () => {
  // b and c don't reach each other, so that the view can't begin, but a has heard from both.
  const isCut = (from: number, to: number) => from + to === 5;
  const chat = new VirtualChat({
    names: ["a", "b", "c"],
    fate: (from, to) => isCut(from, to) ? [] : [1],
  });
  const [a, b, c] = startAll(chat, "a", "b", "c") as [Chatter, Chatter, Chatter];
  chat.run(3000);
  c.isDead = true;
  const again = chat.start("c");
  chat.setFate(() => [1]);
  chat.run(10_000);
  for (const each of [a, b, again]) assert.deepEqual(each.members, [], each.name);
  const warning = again.told.find(({ type }) => type === "warning");
  assert.match(warning?.type === "warning" ? warning.reason : "", /^you can't come in: a/);
  assert.deepEqual(a.latest("waiting"), ["b", "c"]);
});

Deno.test("who gives up while its first view is being begun is released at once", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  chat.run(1000);
  const from = { name: "c", nonce: 9, host: "10.0.0.1", port: 3 }; // It greeted, and is no more.
  a.group.receiveGreeting({ group: 1234, from, state: "outside", chat: 0, size: 0 }, chat.now);
  chat.run(1500);
  assert.deepEqual(b.latest("waiting"), ["c"], "b has been invited");
  b.group.leave();
  assert.ok(chat.runUntil(() => b.group.left, 200));
  chat.run(2000);
  assert.deepEqual(a.latest("waiting"), ["b", "c"]);
});

Deno.test("an open chat begins with one, and others come while it goes on", () => {
  const chat = new VirtualChat({ kind: "open", fate: faulty(1, { delayMs: [1, 30] }) });
  const a = chat.start("a");
  assert.ok(chat.runUntil(() => isView([a], "a"), 1500));
  a.say("alone");
  const b = chat.start("b");
  const c = chat.start("c");
  for (let i = 0; i < 50; i++) {
    a.say(`a${i}`);
    chat.run(7);
  }
  assert.ok(chat.runUntil(() => isView([a, b, c], "a", "b", "c"), 2000));
  a.say("end");
  assert.ok(chat.runUntil(() => [a, b, c].every(({ lines }) => lines.at(-1)?.endsWith("end"))));
  assert.equal(a.lines.length, 52);
  assert.deepEqual(b.lines, a.lines.slice(-b.lines.length));
  checkOrder([a, b, c]);
});

Deno.test("two who start at the same moment begin one open chat", () => {
  const chat = new VirtualChat({ kind: "open" });
  const all = startAll(chat, "a", "b", "c");
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c"), 3000));
});

Deno.test("a registered process that is no chat doesn't keep an open chat from beginning", () => {
  const chat = new VirtualChat({ kind: "open" });
  const peer = chat.start("peer");
  peer.isDead = true; // It answers no greeting.
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView([a, b], "a", "b"), 3000));
});

Deno.test("of two chats that a race has begun, the one who is alone joins the other", () => {
  const chat = new VirtualChat({ kind: "open", fate: () => [] });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView([a], "a") && isView([b], "b"), 10_000));
  a.say("a alone");
  b.say("b alone");
  chat.run(100);
  chat.setFate(() => [1]);
  const isOne = () => a.members.length === 2 && a.members.join() === b.members.join();
  assert.ok(chat.runUntil(isOne, 5000));
  a.say("together");
  b.say("at last");
  assert.ok(chat.runUntil(() => [a, b].every(({ lines }) => lines.length === 3), 2000));
  assert.deepEqual(a.lines.slice(1), b.lines.slice(1));
});

Deno.test("a newcomer that dies between its greeting and the handshake is left out", () => {
  const chat = new VirtualChat({ kind: "open" });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView([a, b], "a", "b")));
  const c = chat.start("c");
  // Its greeting arrives, and it gets nothing any more.
  assert.ok(chat.runUntil(() => chat.now > 0 && c.group.deadline > chat.now, 5));
  c.isDead = true;
  chat.run(500);
  a.say("waiting");
  chat.run(1000);
  assert.deepEqual(a.lines, [], "the view with the newcomer is being begun");
  assert.ok(chat.runUntil(() => a.lines.length === 1 && b.lines.length === 1, 4000));
  assert.deepEqual(a.members, ["a", "b"]);
  assert.deepEqual(a.lines, b.lines);
});

Deno.test("a newcomer that dies and is started again takes its own place", () => {
  const chat = new VirtualChat({ kind: "open" });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView([a, b], "a", "b")));
  const c = chat.start("c");
  assert.ok(chat.runUntil(() => c.group.deadline > chat.now, 5));
  c.isDead = true;
  chat.run(500);
  const again = chat.start("c");
  assert.ok(chat.runUntil(() => isView([a, b, again], "a", "b", "c"), 2000));
});

Deno.test("a newcomer that leaves during the handshake keeps nobody waiting", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const fate = faulty(seed, { delayMs: [1, 20], loss: 0.05 });
    const chat = new VirtualChat({ kind: "open", seed, fate });
    const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
    assert.ok(chat.runUntil(() => isView([a, b], "a", "b")));
    const c = chat.start("c");
    chat.run(2 * seed);
    c.group.leave();
    assert.ok(chat.runUntil(() => c.group.left, 4000), `seed ${seed}`);
    a.say("on we go");
    assert.ok(chat.runUntil(() => b.lines.includes("a:1:on we go"), 6000), `seed ${seed}`);
    assert.ok(chat.runUntil(() => isView([a, b], "a", "b"), 6000), `seed ${seed}`);
    checkOrder([a, b, c]);
  }
});

Deno.test("who brings a newcomer in may leave at the same moment", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const fate = faulty(seed, { delayMs: [1, 20], loss: 0.05 });
    const chat = new VirtualChat({ kind: "open", seed, fate });
    const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
    assert.ok(chat.runUntil(() => isView([a, b], "a", "b")));
    const c = chat.start("c");
    chat.run(seed);
    a.say("bye");
    a.group.leave();
    assert.ok(chat.runUntil(() => a.group.left, 4000), `seed ${seed}`);
    assert.ok(chat.runUntil(() => isView([b, c], "b", "c"), 4000), `seed ${seed}`);
    assert.ok(b.lines.includes("a:1:bye"));
    checkOrder([a, b, c]);
    checkAgreement(a, b);
  }
});

Deno.test("who vanishes is reported, and so is its return", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const all = startAll(chat, "a", "b", "c");
  const [a, b, c] = all as [Chatter, Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
  chat.run(20_000);
  assert.ok(a.told.every(({ type }) => type !== "silent"), "a quiet group shows signs of life");
  c.isStopped = true;
  a.say("c?");
  chat.run(3000);
  assert.deepEqual(a.latest("blocked"), ["c"]);
  assert.deepEqual(a.told.filter(({ type }) => type === "silent"), []);
  chat.run(4000);
  assert.deepEqual(b.told.filter(({ type }) => type === "silent"), [{ type: "silent", name: "c" }]);
  assert.equal(b.group.who(chat.now)[2]!.state, "silent");
  c.isStopped = false;
  assert.ok(chat.runUntil(() => all.every(({ lines }) => lines.length === 1), 5000));
  chat.run(1000);
  assert.deepEqual(b.told.at(-1), { type: "blocked", names: [] });
  assert.ok(b.told.some((news) => news.type === "heard" && news.name === "c"));
  chat.run(20_000);
  assert.ok(c.told.every(({ type }) => type !== "silent"), "it was c that slept");
});

Deno.test("who was killed and started again is told why it can't come in, and so are the others", () => {
  for (const kind of ["static", "open"] as const) {
    const chat = new VirtualChat({ kind, names: kind === "static" ? ["a", "b"] : [] });
    const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
    assert.ok(chat.runUntil(() => isView([a, b], "a", "b")));
    b.isDead = true;
    chat.run(200);
    const again = chat.start("b");
    chat.run(10_000);
    const warnings = (of: Chatter) =>
      of.told.flatMap((news) => news.type === "warning" ? [news.reason] : []);
    assert.equal(warnings(a).length, 1);
    assert.match(warnings(a)[0]!, /^b was started again/);
    assert.equal(warnings(again).length, 1);
    assert.match(warnings(again)[0]!, /^you can't come in: a .* must end with \/quit/);
    assert.deepEqual(again.members, []);
    assert.deepEqual(again.latest("waiting"), []);
    assert.ok(a.told.some((news) => news.type === "silent" && news.name === "b"));
  }
});

Deno.test("who leaves doesn't wait long for one that is known to be dead", () => {
  const chat = new VirtualChat({ kind: "static", names: ["a", "b", "c"] });
  const all = startAll(chat, "a", "b", "c") as [Chatter, Chatter, Chatter];
  const [a, b] = all;
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
  b.isDead = true;
  chat.run(200);
  chat.start("b");
  chat.run(10_000);
  a.group.leave();
  chat.run(10_000);
  assert.ok(a.group.left, "the others of b's silence alone would be waited for half a minute");
});

Deno.test("a second process of a living member's name is told that the name is taken", () => {
  for (const kind of ["static", "open"] as const) {
    const chat = new VirtualChat({ kind, names: kind === "static" ? ["a", "b", "c"] : [] });
    const all = startAll(chat, "a", "b", "c");
    const [a] = all as [Chatter];
    assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
    const port = 77; // The namesake has an address of its own.
    const self = { name: "b", nonce: 4_000_000, host: "10.0.0.1", port };
    const second = chat.add(self);
    chat.run(12_000);
    const causes = second.told.flatMap((news) => news.type === "warning" ? [news.cause] : []);
    assert.deepEqual(causes, ["taken"]);
    const told = a.told.flatMap((news) => news.type === "warning" ? [news.reason] : []);
    assert.deepEqual(told, ["somebody else called b wants to come in, and can't"]);
    a.say("nothing is wrong");
    assert.ok(chat.runUntil(() => all.every(({ lines }) => lines.length === 1), 5000));
  }
});

Deno.test("who leaves a chat that stands still says so, and is no riddle to the others", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c"] });
  const all = startAll(chat, "a", "b", "c");
  const [a, b, c] = all as [Chatter, Chatter, Chatter];
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
  c.isDead = true;
  chat.run(8000);
  a.group.leave();
  assert.ok(chat.runUntil(() => a.group.left, 31_000));
  chat.run(10_000);
  const told = b.told.flatMap((news) => news.type === "warning" ? [news.reason] : []);
  assert.deepEqual(told.map((reason) => /^a has left/.test(reason)), [true]);
  assert.deepEqual(b.told.filter(({ type }) => type === "silent"), [{ type: "silent", name: "c" }]);
  assert.deepEqual(b.group.who(chat.now).map(({ state }) => state), ["left", "here", "silent"]);
});

Deno.test("a newcomer hears that the chat waits for one that shows no sign of life", () => {
  const chat = new VirtualChat({ kind: "open", names: [] });
  const all = startAll(chat, "a", "b", "c");
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c")));
  all[2]!.isDead = true;
  chat.run(8000);
  const d = chat.start("d");
  chat.run(10_000);
  const causes = d.told.flatMap((news) => news.type === "warning" ? [news.cause] : []);
  assert.deepEqual(causes, ["stuck"]);
  assert.ok(!d.latest("waiting")?.length, "it has been told better");
});

Deno.test("a process with another list of members is named", () => {
  const chat = new VirtualChat({ names: ["a", "b"] });
  const [a] = startAll(chat, "a") as [Chatter];
  const from = { name: "b", nonce: 7, host: "10.0.0.1", port: 2 };
  for (let i = 0; i < 3; i++) {
    a.group.receiveGreeting({ group: 99, from, state: "outside", chat: 0, size: 0 }, i);
  }
  chat.run(500);
  const warnings = a.told.filter(({ type }) => type === "warning");
  assert.equal(warnings.length, 1);
  assert.deepEqual(a.latest("waiting"), ["b"]);
});

Deno.test("lines that can't be multicast are queued up to a limit", () => {
  const chat = new VirtualChat({ names: ["a", "b"] });
  const a = chat.start("a");
  for (let i = 0; i < 1000; i++) a.say("x");
  assert.throws(() => a.group.say("x"), RangeError);
  const b = chat.start("b");
  assert.ok(chat.runUntil(() => b.lines.length === 1000));
  a.say("room again");
  assert.ok(chat.runUntil(() => b.lines.at(-1) === "a:1001:room again"));
});

Deno.test("a line of 64 KiB passes, a longer one is refused and leaves no gap", () => {
  const chat = new VirtualChat({ names: ["a", "b"] });
  const [a, b] = startAll(chat, "a", "b") as [Chatter, Chatter];
  assert.throws(() => a.group.say("é".repeat(32_769)), RangeError);
  a.say("é".repeat(32_768));
  a.say("");
  assert.ok(chat.runUntil(() => b.lines.length === 2));
  assert.deepEqual(b.lines, [`a:1:${"é".repeat(32_768)}`, "a:2:"]);
});

Deno.test("earlier views are not kept for ever", () => {
  const chat = new VirtualChat({ kind: "open" });
  const a = chat.start("a");
  chat.run(2000);
  for (let i = 0; i < 10; i++) {
    const b = chat.start(`b${i}`);
    assert.ok(chat.runUntil(() => a.members.length === 2 && b.members.length === 2));
    b.group.leave();
    assert.ok(chat.runUntil(() => b.group.left && a.members.length === 1));
  }
  assert.ok(a.openViews > 2);
  chat.run(16_000);
  assert.equal(a.openViews, 1);
});

Deno.test("a quiet chat of five costs few datagrams", () => {
  const chat = new VirtualChat({ names: ["a", "b", "c", "d", "e"] });
  const all = startAll(chat, "a", "b", "c", "d", "e");
  assert.ok(chat.runUntil(() => isView(all, "a", "b", "c", "d", "e")));
  chat.run(5000);
  const before = chat.datagrams;
  chat.run(60_000);
  const perSecond = (chat.datagrams - before) / 60;
  // Each of ten pairs asks and answers about every two seconds.
  assert.ok(perSecond > 5 && perSecond < 25, `${perSecond} datagrams a second`);
});

for (const kind of ["static", "open"] as const) {
  Deno.test(`random comings and goings on bad networks, ${kind}`, () => {
    for (let seed = 1; seed <= 60; seed++) runRandom(kind, seed);
  });
}

Deno.test("whoever dies, stops or is started again, the order is one", () => {
  let begun = 0;
  for (let seed = 1; seed <= 100; seed++) begun += runWithCrashes(seed);
  assert.ok(begun > 1000, `${begun} views are enough to mean something`);
});

/** Everything that can happen happens, at once; whether a chat gets anywhere doesn't matter here.
 * Returns how many views members have begun. */
function runWithCrashes(seed: number): number {
  const random = new Random([seed, 3]);
  const kind = random.chance(0.5) ? "static" : "open";
  const names = ["a", "b", "c", "d"];
  const fate = faulty(seed, {
    delayMs: [0, random.between(1, 300)],
    loss: random.between(0, 0.3),
    duplicate: random.between(0, 0.3),
  });
  const chat = new VirtualChat({ kind, seed, fate, names: kind === "static" ? names : [] });
  const latest = new Map(names.map((name) => [name, chat.start(name)]));
  for (let step = 0; step < 150; step++) {
    const name = names[random.below(names.length)]!;
    const chatter = latest.get(name)!;
    if (chatter.isDead || chatter.group.left) {
      if (random.chance(0.5)) latest.set(name, chat.start(name));
    } else if (chatter.isStopped) {
      chatter.isStopped = false;
    } else if (random.chance(0.04)) {
      chatter.isDead = true;
    } else if (random.chance(0.05)) {
      chatter.isStopped = true;
    } else if (random.chance(0.1)) {
      chatter.group.leave();
    } else if (!isLeaving(chatter)) {
      chatter.say(`${step}`);
    } else if (random.chance(0.3)) {
      chatter.group.abandon();
    }
    chat.run(random.chance(0.1) ? random.between(0, 5000) : random.between(0, 200));
  }
  checkOrder(chat.chatters);
  assert.ok(chat.datagrams < 100_000, `seed ${seed}: ${chat.datagrams} datagrams`);
  return chat.chatters.reduce((sum, { log }) => sum + log.length, 0);
}

/** Who is leaving refuses to say anything. */
function isLeaving(chatter: Chatter): boolean {
  try {
    chatter.say("and");
    return false;
  } catch {
    return true;
  }
}

/** Members say lines, leave and come back at random; in the end those who are there agree. */
function runRandom(kind: "static" | "open", seed: number): void {
  const random = new Random([seed, kind === "static" ? 1 : 2]);
  const names = ["a", "b", "c", "d", "e"].slice(0, 2 + random.below(4));
  const slowest = random.between(1, 80);
  const fate = faulty(seed, {
    delayMs: [random.between(0, 1), 1 + slowest],
    loss: random.between(0, 0.2),
    duplicate: random.between(0, 0.2),
  });
  const chat = new VirtualChat({ kind, seed, fate, names: kind === "static" ? names : [] });
  const present = new Map<string, Chatter>();
  const where = `seed ${seed}, ${kind}`;
  if (kind === "static") {
    for (const name of names) present.set(name, chat.start(name));
    const all = [...present.values()];
    assert.ok(chat.runUntil(() => isView(all, ...names), 30_000), where);
  } else {
    present.set("a", chat.start("a"));
  }
  for (let step = 0; step < 60; step++) {
    const name = names[random.below(names.length)]!;
    const chatter = present.get(name);
    if (chatter === undefined) {
      // Somebody must stay, or a static chat waits for all again.
      if (random.chance(0.5)) present.set(name, chat.start(name));
    } else if (random.chance(0.15) && chatter.members.length > 0 && present.size > 1) {
      const others = [...present.values()].filter((each) => each !== chatter);
      if (others.some(({ members }) => members.length > 0)) {
        chatter.group.leave();
        present.delete(name);
        assert.ok(chat.runUntil(() => chatter.group.left, 20_000), `${where}: ${name} can leave`);
      }
    } else {
      for (let i = random.below(4); i >= 0; i--) chatter.say(`${step}.${i}`);
    }
    chat.run(random.between(0, 100));
  }
  const here = [...present.values()];
  const wanted = here.map(({ name }) => name).sort().join();
  const isTogether = () => here.every(({ members }) => [...members].sort().join() === wanted);
  assert.ok(chat.runUntil(isTogether, 60_000), `${where}: all who are there are in the view`);
  for (const each of here) each.say("the end");
  const hasAll = (chatter: Chatter) =>
    here.every(({ said }) => chatter.lines.includes(said.at(-1)!));
  assert.ok(chat.runUntil(() => here.every(hasAll), 60_000), `${where}: the last lines arrive`);
  checkOrder(chat.chatters);
  for (const one of chat.chatters) {
    for (const other of chat.chatters) checkAgreement(one, other);
    // Validity: its own lines are all delivered to it, once each and in order.
    const own = one.lines.filter((line) => line.startsWith(`${one.name}:`));
    const former = chat.chatters.filter(({ name }) => name === one.name).length > 1;
    if (!former) assert.deepEqual(own, one.said, `${where}: ${one.name}'s own lines`);
  }
}
