import assert from "node:assert/strict";
import {
  type GossipEvent,
  GossipHost,
  type GossipHostOptions,
  MAX_RUMOR_BYTES,
  rumorName,
} from "../../src/hosts/gossip_host.ts";
import { encodeGossip } from "../../src/wire/gossip_messages.ts";
import { freePort } from "../free_ports.ts";
import { gossip, GOSSIP_BODIES } from "../wire/gossip_fixture.ts";

/** No test waits longer than this for one thing. */
const BOUND_MS = 60_000;

/** What a test may choose. */
type Choice = Partial<Omit<GossipHostOptions, "onEvent">>;

/** A node on this machine, and what it told of. */
class Node implements AsyncDisposable {
  readonly events: GossipEvent[] = [];
  readonly address: { readonly host: string; readonly port: number };
  readonly name: string;
  host!: GossipHost;
  #wake: () => void = () => {};

  private constructor(name: string, port: number) {
    this.name = name;
    this.address = { host: "127.0.0.1", port };
  }

  static async open(name: string, choice: Choice = {}): Promise<Node> {
    const node = new Node(name, choice.address?.port ?? freePort());
    node.host = await GossipHost.open({
      ...{ name, address: node.address, mode: "push", reaction: "feedback", stop: "counter", k: 5 },
      ...{ fanout: 3, intervalMs: 50, antiEntropyMs: 1000, ...choice },
      onEvent: (event) => {
        node.events.push(event);
        node.#wake();
      },
    });
    return node;
  }

  /** The texts that it has heard. */
  get texts(): string[] {
    return this.events.flatMap((event) => event.type === "rumor" ? [event.rumor.text] : []);
  }

  /** What it has heard of a node, such as "up down up". */
  fateOf(name: string): string {
    return this.events.flatMap((event) => {
      return event.type === "peer" && event.name === name ? [event.isUp ? "up" : "down"] : [];
    }).join(" ");
  }

  add(other: Node): void {
    this.host.join(other.name, other.address);
  }

  /** Looks after each event, and now and then: reports change without one. */
  async until(test: () => boolean): Promise<void> {
    const end = performance.now() + BOUND_MS;
    const timer = setInterval(() => this.#wake(), 20);
    try {
      while (!test()) {
        assert.ok(performance.now() < end, "it never came");
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      clearInterval(timer);
    }
  }

  async hears(text: string): Promise<void> {
    await this.until(() => this.texts.includes(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.close();
  }
}

/** Nodes that know each other. */
class Nodes extends AsyncDisposableStack {
  readonly all: Node[] = [];

  static async open(count: number, choice: Choice = {}): Promise<Nodes> {
    const nodes = new Nodes();
    for (let i = 0; i < count; i++) {
      const node = nodes.use(await Node.open(`n${i}`, choice));
      if (i > 0) node.add(nodes.all[i - 1]!);
      nodes.all.push(node);
    }
    for (const node of nodes.all) {
      await node.until(() => node.host.report.up === count - 1);
    }
    return nodes;
  }
}

Deno.test("nodes in a row of acquaintances all know all, and hear all that is said", async () => {
  await using nodes = await Nodes.open(6);
  for (const node of nodes.all) node.host.say(`from ${node.name}`);
  for (const node of nodes.all) {
    for (const other of nodes.all) await node.hears(`from ${other.name}`);
  }
  for (const node of nodes.all) {
    assert.equal(node.texts.length, 6, "each once");
    assert.equal(node.host.rumors.length, 6);
    for (const { origin, hops } of node.host.rumors) {
      assert.ok(origin === node.name ? hops === 0 : hops > 0);
    }
  }
});

for (const mode of ["push", "pull", "push-pull"] as const) {
  for (const reaction of ["feedback", "blind"] as const) {
    for (const stop of ["counter", "coin"] as const) {
      Deno.test(`everybody hears a rumor with ${mode}, ${reaction} and ${stop}`, async () => {
        await using nodes = await Nodes.open(5, { mode, reaction, stop, k: 2 });
        nodes.all[0]!.host.say("hello");
        for (const node of nodes.all) await node.hears("hello");
      });
    }
  }
}

Deno.test("rumors of up to 1 MiB arrive, and none beyond that is taken", async () => {
  await using nodes = await Nodes.open(4);
  const [first, second] = nodes.all as [Node, Node];
  const texts = ["x".repeat(MAX_RUMOR_BYTES), "€".repeat(50_000), "tab\tNUL\0\r\n \u2028"];
  for (const text of texts) first.host.say(text);
  for (const node of nodes.all) for (const text of texts) await node.hears(text);
  assert.throws(() => second.host.say(`${texts[0]}x`), RangeError);
  assert.throws(() => second.host.say("€".repeat(MAX_RUMOR_BYTES / 2)), RangeError);
  const { origin, run, seq } = second.host.say("half a \ud800 character");
  assert.equal(rumorName({ origin, run, seq }), `n1/${run.toString(16)}/1`);
  await first.hears("half a \ufffd character");
});

Deno.test("who comes late gets all by anti-entropy", async () => {
  await using nodes = await Nodes.open(3);
  for (let i = 0; i < 1000; i++) nodes.all[i % 3]!.host.say(`word ${i}`);
  for (const node of nodes.all) {
    await node.until(() => node.texts.length === 1000 && node.host.report.hot === 0);
  }
  await using late = await Node.open("late");
  late.add(nodes.all[1]!);
  await late.until(() => late.texts.length === 1000);
  assert.equal(new Set(late.texts).size, 1000);
  assert.equal(late.host.report.supplied, 1000);
});

Deno.test("a goodbye is heard at once; who comes back is up again, with rumors of its own", async () => {
  await using nodes = await Nodes.open(3);
  const [first, second, third] = nodes.all as [Node, Node, Node];
  third.host.say("before");
  await first.hears("before");
  await third.host.leave();
  for (const node of [first, second]) {
    await node.until(() => node.fateOf("n2") === "up down");
  }
  await using again = await Node.open("n2", { address: third.address });
  again.add(first);
  await again.hears("before");
  again.host.say("after");
  for (const node of [first, second]) {
    await node.hears("after");
    assert.equal(node.fateOf("n2"), "up down up");
  }
});

Deno.test("who was killed is down, and up again when it is started again, though it adds nobody", async () => {
  await using nodes = await Nodes.open(3);
  const [first, second, third] = nodes.all as [Node, Node, Node];
  const before = performance.now();
  await third.host.close();
  for (const node of [first, second]) await node.until(() => node.fateOf("n2") === "up down");
  const ms = performance.now() - before;
  assert.ok(ms < 10_000, `${ms} ms`);
  first.host.say("meanwhile");
  await using again = await Node.open("n2", { address: third.address });
  await again.hears("meanwhile");
  await second.until(() => second.fateOf("n2") === "up down up");
});

Deno.test("of two with one name at two addresses, the one that was started first ends", async () => {
  await using nodes = await Nodes.open(2);
  await using namesake = await Node.open("n0");
  namesake.add(nodes.all[1]!);
  await assert.rejects(nodes.all[0]!.host.failed, {
    message: `127.0.0.1:${namesake.address.port} is n0 too, and was started later: ` +
      "names must differ",
  });
});

Deno.test("what is kept is bounded, and the oldest go first", async () => {
  await using node = await Node.open("a", { keepRumors: 3, keepBytes: 10_000_000 });
  for (let i = 0; i < 5; i++) node.host.say(`word ${i}`);
  assert.deepEqual(node.host.rumors.map(({ text }) => text), ["word 2", "word 3", "word 4"]);
  assert.equal(node.texts.length, 5);
  await using other = await Node.open("b", { keepBytes: 50_000 });
  for (let i = 0; i < 100; i++) other.host.say("x".repeat(1000));
  const { kept } = other.host.report;
  assert.ok(kept > 10 && kept <= 50, `${kept}`);
});

Deno.test("who says something finds out whom it reached, and what that cost", async () => {
  await using nodes = await Nodes.open(5);
  const [first] = nodes.all as [Node];
  first.host.say("hello");
  for (const node of nodes.all) await node.hears("hello");
  await first.until(() => first.host.report.measures[0]!.reached === 4);
  const { measures, heard, rumorsSent, peers } = first.host.report;
  const [measure] = measures;
  assert.deepEqual([measure!.others, measure!.reached, measure!.missed], [4, 4, 0]);
  assert.ok(measure!.lastHops >= 1 && measure!.lastMs! > 0);
  assert.equal(heard, 1);
  assert.ok(rumorsSent >= 1);
  assert.deepEqual(peers.map(({ name }) => name), ["n1", "n2", "n3", "n4"]);
});

Deno.test("a node alone talks to itself and ends at once", async () => {
  await using node = await Node.open("a");
  node.host.say("anybody there?");
  assert.deepEqual(node.texts, ["anybody there?"]);
  await node.host.leave();
  node.host.close();
});

Deno.test("a node lives on whatever strangers send, and counts what makes no sense", async () => {
  await using nodes = await Nodes.open(2);
  const [first, second] = nodes.all as [Node, Node];
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const to: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: first.address.port };
  const valid = Object.values(GOSSIP_BODIES).map((body) => gossip(body));
  for (let round = 0; round < 20; round++) {
    for (const message of valid) {
      const bytes = encodeGossip(message);
      await socket.send(bytes, to);
      await socket.send(bytes.subarray(round % bytes.length), to);
    }
    await first.until(() => first.host.report.malformed >= round);
  }
  socket.close();
  // What strangers say of themselves is believed; their rumors are heard once.
  assert.equal(new Set(first.texts).size, first.texts.length);
  first.host.say("still here");
  await second.hears("still here");
});

Deno.test("two can't have one address", async () => {
  await using a = await Node.open("a");
  await assert.rejects(Node.open("b", { address: a.address }), {
    message: `Port ${a.address.port} on 127.0.0.1 is already in use`,
  });
});
