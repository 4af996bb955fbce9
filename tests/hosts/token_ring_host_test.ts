import assert from "node:assert/strict";
import { identifyRing, type RingMachine } from "../../src/hosts/ring_identity.ts";
import { RingClient } from "../../src/hosts/ring_client.ts";
import type { LockListener } from "../../src/hosts/ring_lock.ts";
import { isTaken, type RingEvent, RingNode } from "../../src/hosts/ring_node.ts";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import { freePort } from "../free_ports.ts";

const LEASE_MS = 1500;

/** A wish for the lock, and what was said about it. */
class Wish implements LockListener {
  readonly told: string[] = [];
  until = -Infinity;
  fence = 0;
  #wake: () => void = () => {};

  granted(fence: number, until: number): void {
    this.fence = fence;
    this.until = until;
    this.#tell("granted");
  }

  extended(until: number): void {
    assert.ok(until > this.until);
    this.until = until;
    this.#tell("extended");
  }

  lost(): void {
    this.#tell("lost");
  }

  refused(reason: string): void {
    this.#tell(reason);
  }

  busy(holder: string): void {
    this.#tell(`busy ${holder}`);
  }

  quorum(hasQuorum: boolean): void {
    this.#tell(`quorum ${hasQuorum}`);
  }

  /** Resolves when this was told. */
  async hears(word: string): Promise<void> {
    while (!this.told.includes(word)) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #tell(word: string): void {
    this.told.push(word);
    this.#wake();
  }
}

/** Nodes on this machine. */
class Nodes implements AsyncDisposable {
  readonly nodes: RingNode[] = [];
  readonly events: RingEvent[] = [];
  #wake: () => void = () => {};

  private constructor(
    readonly folder: string,
    readonly machines: readonly RingMachine[],
    readonly paceMs: number,
  ) {}

  static async open(count: number, paceMs = 10): Promise<Nodes> {
    const folder = await Deno.makeTempDir({ prefix: "mpcomm-nodes-" });
    const machines = Array.from({ length: count }, (_, i) => ({
      name: `n${i}`,
      address: { host: "127.0.0.1", port: freePort() },
    }));
    const all = new Nodes(folder, machines, paceMs);
    for (let self = 0; self < count; self++) await all.openNode(self);
    return all;
  }

  async openNode(self: number): Promise<RingNode> {
    return this.nodes[self] = await RingNode.open({
      ...{ machines: this.machines, self, next: null, leaseMs: LEASE_MS, paceMs: this.paceMs },
      stateFile: `${this.folder}/${self}.json`,
      onEvent: (event) => {
        this.events.push(event);
        this.#wake();
      },
    });
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Who asks a node from outside. */
  async client(self: number, group?: number): Promise<RingClient> {
    const identity = await identifyRing(this.machines, LEASE_MS);
    const { name, address } = this.machines[self]!;
    const leaseMs = LEASE_MS;
    return await RingClient.connect({
      node: name,
      address,
      group: group ?? identity.group,
      leaseMs,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.leave()));
    await Deno.remove(this.folder, { recursive: true });
  }
}

Deno.test("three hosts make a ring, and its lock has one holder at a time", async () => {
  await using all = await Nodes.open(3);
  all.nodes[0]!.start();
  const wishes = all.nodes.map(() => new Wish());
  const handles = all.nodes.map((node, i) => node.lock(wishes[i]!));
  const left = new Set([0, 1, 2]);
  let before = 0;
  while (left.size > 0) {
    const i = await Promise.race([...left].map((i) => wishes[i]!.hears("granted").then(() => i)));
    for (const other of left) if (other !== i) assert.equal(wishes[other]!.fence, 0);
    assert.ok(wishes[i]!.fence > before);
    assert.ok(wishes[i]!.until > performance.now());
    before = wishes[i]!.fence;
    left.delete(i);
    await handles[i]!.unlock();
  }
});

Deno.test("a lease is extended as long as a majority answers, and lost afterwards", async () => {
  await using all = await Nodes.open(3);
  all.nodes[0]!.start();
  const wish = new Wish();
  all.nodes[0]!.lock(wish);
  await wish.hears("extended");
  await Promise.all([all.nodes[1]!.leave(), all.nodes[2]!.leave()]);
  await wish.hears("lost");
  // Late by what this busy machine needs, and never early.
  assert.ok(performance.now() >= wish.until);
});

Deno.test("from outside the lock is got in the same way, in the client's own time", async () => {
  await using all = await Nodes.open(3);
  all.nodes[0]!.start();
  const [first, second] = [new Wish(), new Wish()];
  const client = await all.client(1);
  const handle = client.lock(first);
  await first.hears("granted");
  const leftMs = first.until - performance.now();
  assert.ok(leftMs > 0 && leftMs <= LEASE_MS, `${leftMs}`);
  const other = all.nodes[1]!.lock(second);
  await second.hears("busy n1");
  const status = await (await all.client(1)).status();
  assert.deepEqual([status.holder, status.fence, status.waiting], ["n1", first.fence, 1]);
  await first.hears("extended");
  await handle.unlock();
  await second.hears("granted");
  assert.ok(second.fence > first.fence);
  await other.unlock();
  client.close();
});

Deno.test("a client whose connection breaks has the lock until the end that it was told of", async () => {
  await using all = await Nodes.open(1);
  all.nodes[0]!.start();
  const [first, second] = [new Wish(), new Wish()];
  const client = await all.client(0);
  client.lock(first);
  await first.hears("granted");
  const handle = all.nodes[0]!.lock(second);
  client.close();
  await second.hears("granted");
  assert.ok(performance.now() >= first.until, "what it ran has ended by now");
  await handle.unlock();
});

Deno.test("a client that is silent for longer than a lease loses the lock", async () => {
  await using all = await Nodes.open(1);
  all.nodes[0]!.start();
  const { group } = await identifyRing(all.machines, LEASE_MS);
  const connection = await connectTcp("node", all.machines[0]!.address);
  void connection.send({ type: "lock", group, node: "n0", sentAt: performance.now() });
  const replies: string[] = [];
  for await (const message of connection) {
    const { type } = message as { type: string };
    replies.push(type);
    if (type === "lost") break;
  }
  assert.deepEqual([replies[0], replies.at(-1)], ["granted", "lost"]);
  const wish = new Wish();
  const handle = all.nodes[0]!.lock(wish);
  await wish.hears("granted");
  await handle.unlock();
  connection.close();
});

Deno.test("a token that flies goes over connections, and hardly a datagram is left", async () => {
  await using all = await Nodes.open(3, 0);
  all.nodes[0]!.start();
  const hops = (): number => all.events.filter(({ type }) => type === "token").length;
  const sent = (): number => all.nodes.reduce((sum, { counts }) => sum + counts.datagrams, 0);
  // Until there is a connection tokens are datagrams.
  for (let isFlying = false; !isFlying;) {
    const [hopsBefore, sentBefore] = [hops(), sent()];
    await all.until(() => hops() >= hopsBefore + 1000);
    isFlying = sent() - sentBefore < 100;
  }
});

Deno.test("a connection that brings nonsense, or belongs to another ring, brings no tokens", async () => {
  await using all = await Nodes.open(2);
  const [from, { name: node, address }] = [all.machines[0]!.name, all.machines[1]!];
  const { group } = await identifyRing(all.machines, LEASE_MS);
  for (const wrong of [{ group: group + 1, node }, { group, node: from }]) {
    const connection = await connectTcp("node", address);
    await connection.send({ type: "tokens", from, ...wrong });
    assert.equal(await connection.receive(), undefined);
    connection.close();
  }
  assert.equal(all.nodes[1]!.status.malformed, 0);
  const connection = await connectTcp("node", address);
  await connection.send({ type: "tokens", from, group, node });
  await connection.send("nonsense");
  assert.equal(await connection.receive(), undefined);
  connection.close();
  assert.equal(all.nodes[1]!.status.malformed, 1);
});

Deno.test("of two connections from one node only the later brings tokens", async () => {
  await using all = await Nodes.open(2);
  const [from, { name: node, address }] = [all.machines[0]!.name, all.machines[1]!];
  const { group } = await identifyRing(all.machines, LEASE_MS);
  const connections = [await connectTcp("node", address), await connectTcp("node", address)];
  for (const connection of connections) {
    await connection.send({ type: "tokens", from, group, node });
  }
  // Which of them is the later one is the node's to see.
  assert.equal(
    await Promise.race(connections.map((connection) => connection.receive())),
    undefined,
  );
  for (const connection of connections) connection.close();
});

Deno.test("who asks for another node or ring is refused", async () => {
  await using all = await Nodes.open(1);
  const wish = new Wish();
  const client = await all.client(0, 7);
  client.lock(wish);
  await wish.hears("n0 runs with another machines file, or another --lease");
  await assert.rejects((await all.client(0, 7)).status(), /another machines file/);
  client.close();
  const connection = await connectTcp("node", all.machines[0]!.address);
  await connection.send({ type: "unlock" });
  assert.deepEqual(await connection.receive(), {
    type: "error",
    reason: "unlock is not for the beginning",
  });
  connection.close();
});

Deno.test("nonsense on the control port ends the connection and nothing else", async () => {
  await using all = await Nodes.open(1);
  all.nodes[0]!.start();
  for (const nonsense of [{}, 7, "lock", { type: "lock" }, { type: "lock", group: -1, node: "" }]) {
    const connection = await connectTcp("node", all.machines[0]!.address);
    await connection.send(nonsense);
    const { type } = await connection.receive() as { type: string };
    assert.equal(type, "error");
    assert.equal(await connection.receive(), undefined);
    connection.close();
  }
  const wish = new Wish();
  const handle = all.nodes[0]!.lock(wish);
  await wish.hears("granted");
  await handle.unlock();
});

Deno.test("datagrams that make no sense are counted, and do nothing else", async () => {
  await using all = await Nodes.open(2);
  all.nodes[0]!.start();
  const stranger = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { host: hostname, port } = all.machines[0]!.address;
  for (const bytes of [[], [0x96], [0x91, 1], [0xc1, 0xff, 0]]) {
    await stranger.send(Uint8Array.from(bytes), { transport: "udp", hostname, port });
  }
  stranger.close();
  const wish = new Wish();
  const handle = all.nodes[0]!.lock(wish);
  await wish.hears("granted");
  assert.equal(all.nodes[0]!.status.malformed, 4);
  await handle.unlock();
});

Deno.test("an address that is taken is told apart from other failures", async () => {
  await using all = await Nodes.open(1);
  await assert.rejects(all.openNode(0), (error) => isTaken(error));
  assert.ok(!isTaken(new Error("something else")));
});

Deno.test("a ring is named by machines, their sequence and the lease, whatever the case of hosts", async () => {
  const machine = (name: string, host: string) => ({ name, address: { host, port: 7001 } });
  const [a, b] = [machine("a", "Alpha"), machine("b", "beta")];
  const same = await identifyRing([a, b], 1500);
  assert.deepEqual(await identifyRing([machine("a", "alpha"), b], 1500), same);
  assert.notEqual((await identifyRing([b, a], 1500)).ring, same.ring);
  assert.notEqual((await identifyRing([a], 1500)).ring, same.ring);
  const longer = await identifyRing([a, b], 1501);
  assert.equal(longer.ring, same.ring);
  assert.notEqual(longer.group, same.group);
});
