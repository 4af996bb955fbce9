import assert from "node:assert/strict";
import { DEFAULT_MEMBERSHIP, Membership } from "../../../src/protocols/gossip/membership.ts";
import { MAX_NEWS } from "../../../src/protocols/gossip/member_news.ts";
import {
  MAX_MEMBERS,
  type MemberRecord,
  type MembershipMessage,
  type MemberState,
} from "../../../src/protocols/gossip/messages.ts";
import { Random } from "../../../src/protocols/random.ts";
import { VirtualMembers, type VirtualMembersOptions } from "./virtual_members.ts";

const { probeIntervalMs, probeTimeoutMs, suspicionMs } = DEFAULT_MEMBERSHIP;

/** Nodes n0 to nN, which all know one another: each was told of the one before. */
function startedNetwork(size: number, options: VirtualMembersOptions): VirtualMembers {
  const network = new VirtualMembers(options);
  for (let i = 0; i < size; i++) network.boot(`n${i}`, i === 0 ? undefined : `n${i - 1}`);
  network.runUntil(() => network.isComplete, 20_000);
  network.run(new Random(options.seed).between(0, 5000));
  return network;
}

/** Seeds, so many. */
function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

// --- coming

Deno.test("from a chain of nodes that know one other each, everybody knows everybody", () => {
  for (const seed of seeds(20)) {
    const network = new VirtualMembers({ seed, loss: 0.1, delayMs: [0, 50] });
    const size = 2 + seed;
    for (let i = 0; i < size; i++) network.boot(`n${i}`, i === 0 ? undefined : `n${i - 1}`);
    network.runUntil(() => network.isComplete);
    assert.equal(network.events.length, size * (size - 1), "each other one has come once");
  }
});

Deno.test("who is asked before it is there is asked again until it is", () => {
  const network = new VirtualMembers({ seed: 1 });
  network.boot("ada", "ben");
  network.run(60_000);
  assert.equal(network.messages, network.sent.get("join"), "nobody else is there");
  assert.ok(network.messages < 20);
  network.boot("ben");
  network.runUntil(() => network.isComplete, 5000);
  assert.deepEqual(network.up("ben"), ["ada"]);
});

Deno.test("two networks become one when one node of the first is told of one of the second", () => {
  for (const seed of seeds(10)) {
    const network = new VirtualMembers({ seed });
    for (const side of ["a", "b"]) {
      for (let i = 0; i < 8; i++) network.boot(side + i, i === 0 ? undefined : side + (i - 1));
    }
    network.run(10_000);
    assert.equal(network.up("a3").length, 7);
    network.join("a3", "b5");
    network.runUntil(() => network.isComplete, 5000);
  }
});

Deno.test("hundreds of nodes know one another, and miss one that is killed", () => {
  const membership = {
    ...{ probeIntervalMs: 2500, probeTimeoutMs: 1000, indirectProbes: 3, suspicionMs: 5000 },
  };
  const network = new VirtualMembers({ seed: 1, membership });
  for (let i = 0; i < 400; i++) {
    network.boot(`n${i}`, i === 0 ? undefined : `n${Math.floor(i / 2)}`);
  }
  network.runUntil(() => network.isComplete, 60_000);
  network.kill("n200");
  network.runUntil(() => network.isMissed("n200"), 30_000);
  assert.ok(network.isComplete);
});

Deno.test("a node remembers as many as there can be, and those that are up rather than the dead", () => {
  const lone = new Lone();
  for (let i = 0; i < 2 * MAX_MEMBERS; i++) lone.hear(`d${i}`, "dead");
  for (let i = 0; i < MAX_MEMBERS; i++) lone.hear(`u${i}`, "alive");
  assert.equal(lone.membership.members.length, MAX_MEMBERS);
  assert.equal(lone.membership.draw(2 * MAX_MEMBERS).length, MAX_MEMBERS - 1);
});

// --- going

Deno.test("who is killed is missed by all within a few intervals, if its machine says so", () => {
  const times = seeds(40).map((seed) => {
    const network = startedNetwork(20, { seed });
    network.kill("n7");
    const time = network.runUntil(() => network.isMissed("n7"), 5000);
    assert.ok(network.isComplete, "and nobody else");
    return time;
  }).toSorted((a, b) => a - b);
  assert.ok(times[20]! <= 2.5 * probeIntervalMs, `${times[20]} ms, as a rule`);
});

Deno.test("who crashes with its machine is missed after the time to contradict", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(20, { seed, answersChecks: false });
    network.kill("n7");
    const time = network.runUntil(() => network.isMissed("n7"), suspicionMs + 5000);
    assert.ok(time >= suspicionMs, `${time} ms`);
    assert.ok(network.isComplete, "and nobody else");
  }
});

Deno.test("half of them crash at once, and the others agree on who is left", () => {
  for (const seed of seeds(5)) {
    const network = startedNetwork(20, { seed, answersChecks: seed % 2 === 0, loss: 0.05 });
    for (let i = 0; i < 20; i += 2) network.kill(`n${i}`);
    network.runUntil(() => network.isComplete, 20_000);
    assert.equal(network.running.length, 10);
  }
});

Deno.test("who leaves says so, and is gone for all the others soon, for good", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(20, { seed, loss: seed % 2 === 0 ? 0.2 : 0 });
    network.leave("n7");
    network.runUntil(() => network.left.length === 1, 4 * probeTimeoutMs);
    assert.deepEqual(network.left, ["n7"]);
    network.runUntil(() => network.isMissed("n7"), 3000);
    const { sent } = network;
    const joins = sent.get("join") ?? 0;
    network.run(20_000);
    assert.ok(network.isComplete);
    assert.ok((sent.get("join") ?? 0) - joins < 19 * 8, "nobody tries it again");
    const states = network.running.map((name) => network.membership(name).find("n7")?.state);
    assert.deepEqual(new Set(states), new Set(["left"]));
  }
});

Deno.test("who is alone, or cut off, leaves all the same", () => {
  const alone = new VirtualMembers({ seed: 1 });
  alone.boot("ada");
  alone.leave("ada");
  assert.deepEqual(alone.left, ["ada"]);
  const cut = startedNetwork(5, { seed: 1 });
  cut.isCut = () => true;
  cut.leave("n2");
  cut.runUntil(() => cut.left.length === 1, 1500);
});

Deno.test("all leave at once", () => {
  const network = startedNetwork(10, { seed: 3 });
  for (let i = 0; i < 10; i++) network.leave(`n${i}`);
  network.runUntil(() => network.left.length === 10, 2000);
});

// --- staying

Deno.test("50 nodes lose a fifth of all datagrams for ten minutes, and nobody is missed", () => {
  for (const seed of seeds(2)) {
    const network = startedNetwork(50, { seed, loss: 0.2, delayMs: [1, 80] });
    const since = network.now;
    network.run(600_000);
    assert.deepEqual(network.downs(since), []);
  }
});

Deno.test("a node that stands still for three seconds is not missed, and misses nobody", () => {
  for (const seed of seeds(40)) {
    const network = startedNetwork(seed % 2 === 0 ? 5 : 20, { seed });
    const since = network.now;
    network.pause("n3", 3000);
    network.run(15_000);
    assert.deepEqual(network.downs(since), []);
  }
});

Deno.test("on a machine so busy that all stand still again and again, nobody is missed", () => {
  for (const seed of seeds(3)) {
    const network = startedNetwork(30, { seed, loss: 0.01 });
    const random = new Random([seed, 5]);
    const stumble = (name: string) => {
      const ms = random.between(0, 2000);
      network.pause(name, ms);
      network.after(ms + random.between(0, 1500), () => stumble(name));
    };
    for (const name of network.running) network.after(random.between(0, 2000), () => stumble(name));
    const since = network.now;
    network.run(120_000);
    assert.deepEqual(network.downs(since), []);
  }
});

Deno.test("one that stood still for a minute misses nobody, and comes back by itself", () => {
  for (const seed of seeds(10)) {
    const network = startedNetwork(12, { seed });
    const since = network.now;
    network.pause("n3", 60_000);
    network.run(59_000);
    assert.ok(network.isMissed("n3"));
    network.kill("n5"); // It has to hear of this later.
    network.run(1001);
    network.runUntil(() => network.isComplete, 5000);
    const downs = network.events.filter(({ at, isUp }) => at > since && !isUp);
    const missed = new Set(downs.map(({ peer }) => peer));
    assert.deepEqual(missed, new Set(["n3", "n5"]));
  }
});

Deno.test("two that can't reach each other, though all others can, miss nobody", () => {
  for (const seed of seeds(5)) {
    const network = startedNetwork(10, { seed });
    const since = network.now;
    network.isCut = (from, to) => [from, to].toSorted().join() === "n2,n3";
    network.run(60_000);
    assert.deepEqual(network.downs(since), []);
  }
});

Deno.test("a quiet network says little: about two messages for each node and interval", () => {
  for (const size of [5, 50]) {
    const network = startedNetwork(size, { seed: 1 });
    network.run(60_000);
    const before = network.messages;
    network.run(60_000);
    const perInterval = (network.messages - before) / (size * 60_000 / probeIntervalMs);
    assert.ok(perInterval > 1.5 && perInterval < 2.3, `${perInterval}`);
  }
});

// --- coming back

Deno.test("a partition of 8 and 12 heals by itself, and nobody is missed meanwhile", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(20, { seed, loss: 0.05, answersChecks: seed % 2 === 0 });
    const isFirst = (name: string) => Number(name.slice(1)) < 8;
    network.isCut = (from, to) => isFirst(from) !== isFirst(to);
    network.run(seed % 4 === 0 ? 300_000 : 20_000);
    assert.equal(network.up("n0").length, 7);
    assert.equal(network.up("n19").length, 11);
    // Who comes and goes in between is known to the others afterwards.
    network.boot("new", "n19");
    network.kill("n2");
    const isNewFirst = (name: string) => name !== "new" && isFirst(name);
    network.isCut = (from, to) => isNewFirst(from) !== isNewFirst(to);
    network.run(20_000);
    network.isCut = () => false;
    const healed = network.now;
    network.runUntil(() => network.isComplete, 10_000);
    network.run(10_000);
    assert.ok(network.isComplete);
    assert.deepEqual(network.downs(healed), []);
  }
});

Deno.test("a short partition isn't noticed", () => {
  for (const seed of seeds(10)) {
    const network = startedNetwork(20, { seed });
    const since = network.now;
    const isFirst = (name: string) => Number(name.slice(1)) < 8;
    network.isCut = (from, to) => isFirst(from) !== isFirst(to);
    network.run(3000);
    network.isCut = () => false;
    network.run(15_000);
    assert.deepEqual(network.downs(since), []);
  }
});

Deno.test("a node that is started again and told of nobody is found, and finds all", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(8, { seed });
    network.kill("n3");
    network.runUntil(() => network.isMissed("n3"));
    network.run(20_000);
    network.boot("n3");
    network.runUntil(() => network.isComplete, 8000);
  }
});

Deno.test("one that is started again before it is missed is known as before", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(8, { seed });
    network.kill("n3");
    network.boot("n3", "n2");
    network.runUntil(() => network.isComplete, 5000);
    network.run(10_000);
    assert.ok(network.isComplete);
  }
});

Deno.test("one whose clock was set back comes back all the same", () => {
  for (const seed of seeds(10)) {
    const network = startedNetwork(8, { seed });
    if (seed % 2 === 0) network.kill("n3");
    else {
      network.leave("n3");
      network.runUntil(() => network.left.length === 1);
    }
    network.runUntil(() => network.isMissed("n3"));
    network.boot("n3", "n2", { incarnation: 1 });
    network.runUntil(() => network.isComplete, 5000);
    network.run(10_000);
    assert.ok(network.isComplete);
    assert.deepEqual(network.displaced, []);
  }
});

Deno.test("one that is started again on another machine takes the place of the one before", () => {
  for (const seed of seeds(10)) {
    const network = startedNetwork(8, { seed });
    network.kill("n3");
    if (seed % 2 === 0) network.runUntil(() => network.isMissed("n3"));
    network.boot("n3", "n2", { at: "elsewhere" });
    const isKnown = () =>
      network.running.every((at) =>
        at === "elsewhere" || network.membership(at).find("n3")?.address === "elsewhere:1" &&
          network.membership(at).isUp("n3")
      );
    network.runUntil(isKnown, 5000);
    network.run(10_000);
    assert.ok(isKnown());
    assert.deepEqual(network.displaced, []);
  }
});

// --- names

Deno.test("of two with one name the later one stays, and the other is told once", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(8, { seed });
    network.boot("n3", "n2", { at: "elsewhere" });
    network.runUntil(() => network.displaced.length === 1, 3000);
    network.run(10_000);
    assert.deepEqual(network.displaced, ["n3"]);
    assert.ok(network.running.includes("elsewhere") && !network.running.includes("n3"));
    for (const at of network.running) {
      if (at === "elsewhere") continue;
      assert.equal(network.membership(at).find("n3")?.address, "elsewhere:1");
      assert.ok(network.membership(at).isUp("n3"));
    }
  }
});

Deno.test("who comes with the name of one that was started later goes", () => {
  for (const seed of seeds(20)) {
    const network = startedNetwork(8, { seed });
    const since = network.now;
    network.boot("n3", "n2", { at: "elsewhere", incarnation: 1 });
    network.runUntil(() => network.displaced.length === 1, 3000);
    network.run(10_000);
    assert.ok(network.running.includes("n3") && !network.running.includes("elsewhere"));
    assert.deepEqual(network.downs(since), []);
  }
});

// --- one node by itself

/** A node, and what it has said. */
class Lone {
  readonly sent: (MembershipMessage & { readonly to: string })[] = [];
  readonly displaced: string[] = [];
  readonly membership: Membership;
  now = 0;

  constructor() {
    this.membership = new Membership(
      { ...DEFAULT_MEMBERSHIP, name: "ada", address: "ada:1", incarnation: 10 },
      {
        send: (to, body) => this.sent.push({ ...body, to }),
        check() {}, // No machine answers.
        peer() {}, // The table says it, too.
        displaced: (address) => this.displaced.push(address),
        left() {}, // It doesn't leave here.
      },
      new Random(1),
      0,
    );
  }

  /** A message comes that says this, from `ben` who is there. */
  hear(name: string, state: MemberState, incarnation = 1, address = `${name}:1`): void {
    const from: MemberRecord = { name: "ben", address: "ben:1", incarnation: 1, state: "alive" };
    this.membership.heard({ from, news: [{ name, address, incarnation, state }] }, this.now);
  }

  /** A message comes from another one, without news. */
  hearOnly(name: string): void {
    const from: MemberRecord = { name, address: `${name}:1`, incarnation: 1, state: "alive" };
    this.membership.heard({ from, news: [] }, this.now);
  }

  /** A message comes from ben. */
  receive(message: MembershipMessage): void {
    const from: MemberRecord = { name: "ben", address: "ben:1", incarnation: 1, state: "alive" };
    const whole = { ...message, from, news: [] };
    this.membership.heard(whole, this.now);
    this.membership.receive(whole, this.now);
  }

  /** Time goes by, and it is called as it asks for. */
  run(ms: number): void {
    const end = this.now + ms;
    while (this.membership.deadline <= end) {
      this.now = Math.max(this.now, this.membership.deadline);
      this.membership.tick(this.now);
    }
    this.now = end;
  }

  /** What it has said since the last time. */
  types(): string {
    return this.sent.splice(0).map(({ type, to }) => `${type} ${to}`).join(", ");
  }
}

Deno.test("a ping is answered by who is meant, and by nobody else", () => {
  const lone = new Lone();
  lone.receive({ type: "ping", target: "cyd", probe: 5 });
  assert.equal(lone.types(), "");
  lone.receive({ type: "ping", target: "ada", probe: 5 });
  assert.deepEqual(lone.sent, [{ type: "ack", target: "ada", probe: 5, to: "ben:1" }]);
  lone.sent.length = 0;
  lone.receive({ type: "ping-request", target: "ada", address: "ada:1", probe: 6 });
  assert.deepEqual(lone.sent, [{ type: "ack", target: "ada", probe: 6, to: "ben:1" }]);
});

Deno.test("who asks to join gets all that is known, and is known from then on", () => {
  const lone = new Lone();
  lone.hear("cyd", "dead");
  lone.receive({ type: "join" });
  const welcome = lone.sent.find(({ type }) => type === "welcome");
  assert.ok(welcome?.type === "welcome" && welcome.to === "ben:1");
  assert.deepEqual(welcome.members, lone.membership.members);
  assert.deepEqual(welcome.members.map(({ name, state }) => `${name} ${state}`).toSorted(), [
    ...["ada alive", "ben alive", "cyd dead"],
  ]);
});

Deno.test("the dead whom a welcome names are suspects here, if they were up", () => {
  const lone = new Lone();
  lone.hear("cyd", "alive");
  lone.receive({
    type: "welcome",
    members: [
      { name: "cyd", address: "cyd:1", incarnation: 1, state: "dead" },
      { name: "dan", address: "dan:1", incarnation: 1, state: "dead" },
    ],
  });
  assert.equal(lone.membership.find("cyd")?.state, "suspect");
  assert.equal(lone.membership.find("dan")?.state, "dead");
});

Deno.test("who says of himself what is out of date is told what is known, not too often", () => {
  const lone = new Lone();
  lone.hear("ben", "suspect");
  lone.membership.takeNews();
  for (let i = 0; i < 5; i++) lone.receive({ type: "ack", target: "x", probe: 0 });
  assert.equal(lone.types(), "ping ben:1");
  assert.equal(lone.membership.takeNews()[0]?.state, "suspect");
  lone.run(probeTimeoutMs);
  lone.types();
  lone.membership.takeNews();
  lone.receive({ type: "ack", target: "x", probe: 0 });
  assert.equal(lone.types(), "ping ben:1");
});

Deno.test("however much there is to tell, an envelope has room for so many", () => {
  const lone = new Lone();
  for (let i = 0; i < 100; i++) lone.hear(`n${i}`, "alive");
  for (let i = 0; i < 100; i++) assert.equal(lone.membership.takeNews().length, MAX_NEWS);
});

Deno.test("a displaced node says nothing more", () => {
  const lone = new Lone();
  lone.hear("ada", "alive", 99, "other:1");
  assert.deepEqual(lone.displaced, ["other:1"]);
  lone.types();
  lone.hear("ada", "alive", 100, "other:1");
  lone.receive({ type: "ping", target: "ada", probe: 1 });
  lone.membership.join({ name: "cyd", address: "cyd:1" }, 1);
  lone.membership.tick(100_000);
  assert.equal(lone.types(), "");
  assert.deepEqual(lone.displaced, ["other:1"]);
  assert.equal(lone.membership.deadline, Infinity);
});

Deno.test("nobody joins himself", () => {
  const lone = new Lone();
  lone.membership.join({ name: "ada", address: "x:1" }, 0);
  lone.membership.join({ name: "x", address: "ada:1" }, 0);
  lone.membership.tick(0);
  assert.equal(lone.types(), "");
  lone.membership.join({ name: "x", address: "x:1" }, 0);
  assert.equal(lone.membership.deadline, 0);
  lone.membership.tick(0);
  assert.equal(lone.types(), "join x:1");
});

Deno.test("who is alone asks the first one that it hears; who isn't, nobody", () => {
  const lone = new Lone();
  lone.receive({ type: "ping", target: "ada", probe: 1 });
  lone.types();
  lone.run(0);
  assert.equal(lone.types(), "join ben:1");
  const other = new Lone();
  other.hearOnly("cyd");
  other.hearOnly("dan");
  other.run(0);
  assert.equal(other.types(), "join cyd:1");
});

Deno.test("who was dead for others has missed something, and asks who has told him", () => {
  const lone = new Lone();
  lone.receive({ type: "welcome", members: [] });
  lone.run(0);
  assert.equal(lone.types(), "");
  lone.hear("ada", "dead", 10);
  assert.equal(lone.membership.self.incarnation, 11);
  lone.run(0);
  assert.equal(lone.types(), "join ben:1");
});

Deno.test("one of the dead that others take for alive is tried soon, and told what we think", () => {
  const lone = new Lone();
  lone.hear("cyd", "dead", 7);
  lone.receive({
    type: "welcome",
    members: [{ name: "cyd", address: "cyd:1", incarnation: 7, state: "alive" }],
  });
  lone.run(200);
  assert.ok(lone.sent.some(({ type, to }) => type === "join" && to === "cyd:1"));
});

Deno.test("an earlier process with our name is told that there is a later one", () => {
  const lone = new Lone();
  lone.hear("ada", "alive", 5, "other:1");
  assert.equal(lone.types(), "ping other:1");
  lone.hear("ada", "alive", 5, "other:1");
  assert.equal(lone.types(), "", "not too often");
});

Deno.test("a welcome that comes after the goodbye of who has sent it is none: he is asked again", () => {
  const lone = new Lone();
  const contact = { name: "ben", address: "ben:1" };
  lone.membership.join(contact, 0);
  const gone: MemberRecord = { ...contact, incarnation: 1, state: "left" };
  lone.membership.heard({ from: gone, news: [] }, lone.now);
  lone.receive({ type: "welcome", members: [{ ...gone, state: "alive" }] });
  lone.types();
  lone.run(6000);
  assert.match(lone.types(), /join ben:1/);
});
