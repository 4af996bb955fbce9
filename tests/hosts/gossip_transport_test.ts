import assert from "node:assert/strict";
import {
  type GossipHandler,
  GossipTransport,
  MAX_UDP_BYTES,
} from "../../src/hosts/gossip_transport.ts";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import type { GossipMessage } from "../../src/protocols/gossip/messages.ts";
import { formatAddress } from "../../src/wire/address.ts";
import { encodeGossip, MAX_GOSSIP_BYTES } from "../../src/wire/gossip_messages.ts";
import { freePort } from "../free_ports.ts";
import { gossip, GOSSIP_BODIES } from "../wire/gossip_fixture.ts";

/** No test waits longer than this. */
const BOUND_MS = 60_000;

/** A transport, and what it was told. */
class End implements GossipHandler, AsyncDisposable {
  readonly heard: GossipMessage[] = [];
  readonly refusals: string[] = [];
  turns = 0;
  transport!: GossipTransport;
  #wake: () => void = () => {};

  static async open(port = freePort()): Promise<End> {
    const end = new End();
    end.transport = await GossipTransport.open({ host: "127.0.0.1", port }, end);
    return end;
  }

  get address(): string {
    return formatAddress(this.transport.address);
  }

  receive(message: GossipMessage): void {
    this.heard.push(message);
    this.#wake();
  }

  refused(address: string): void {
    this.refusals.push(address);
    this.#wake();
  }

  endTurn(): void {
    this.turns++;
    this.#wake();
  }

  needsTurn(): boolean {
    return true;
  }

  async until(test: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("it never came")), BOUND_MS);
    while (!test()) {
      await Promise.race([late.promise, new Promise<void>((resolve) => this.#wake = resolve)]);
    }
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transport.close();
  }
}

/** A push of so many characters. */
function push(length: number, seq = 1): GossipMessage {
  const text = "x".repeat(length);
  return gossip({
    type: "push",
    rumors: [{ origin: "b", run: 1, seq, hops: 1, wantsReceipt: false, text }],
  });
}

Deno.test("small messages go as datagrams, large ones over one kept connection", async () => {
  await using a = await End.open();
  await using b = await End.open();
  const room = MAX_UDP_BYTES - encodeGossip(push(1000)).length + 1000;
  a.transport.send(b.address, push(room));
  await b.until(() => b.heard.length === 1);
  assert.deepEqual(b.heard[0], push(room));
  const { datagrams, frames, bytes } = a.transport.traffic;
  assert.deepEqual({ datagrams, frames, bytes }, { datagrams: 1, frames: 0, bytes: 1200 });

  const large = [room + 1, 70_000, 1024 * 1024].map((length, i) => push(length, i + 1));
  for (const message of large) a.transport.send(b.address, message);
  await b.until(() => b.heard.length === 4);
  assert.deepEqual(b.heard.slice(1), large, "in the order in which they were sent");
  a.transport.send(b.address, push(5000));
  await b.until(() => b.heard.length === 5);
  assert.equal(a.transport.traffic.frames, 4);
  assert.equal(a.transport.traffic.unsent, 0);
  assert.equal(a.transport.connections, 1);
  assert.ok(b.turns > 0);
});

Deno.test("a connection is opened anew when the other side was started again", async () => {
  await using a = await End.open();
  const port = freePort();
  {
    await using b = await End.open(port);
    a.transport.send(b.address, push(5000));
    await b.until(() => b.heard.length === 1);
  }
  await using b = await End.open(port);
  // What is sent before the end was noticed is lost, as a datagram may be.
  const timer = setInterval(() => a.transport.send(b.address, push(5000)), 20);
  await b.until(() => b.heard.length > 0);
  clearInterval(timer);
});

Deno.test("what nobody is there for is lost, and counted where that is known at once", async () => {
  await using a = await End.open();
  a.transport.send(`127.0.0.1:${freePort()}`, push(10));
  a.transport.send(`127.0.0.1:${freePort()}`, push(5000));
  a.transport.send("no address", push(10));
  assert.equal(a.transport.traffic.unsent, 1);
  await a.transport.finish(BOUND_MS);
  a.transport.send(`127.0.0.1:${freePort()}`, push(5000));
  assert.equal(a.transport.traffic.unsent, 2);
});

Deno.test("what waits for who doesn't read is bounded", async () => {
  await using a = await End.open();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const message = push(1024 * 1024);
  const count = 12;
  for (let i = 0; i < count; i++) a.transport.send(`127.0.0.1:${port}`, message);
  const { frames, unsent } = a.transport.traffic;
  assert.equal(frames, Math.floor(2 * MAX_GOSSIP_BYTES / encodeGossip(message).length));
  assert.equal(frames + unsent, count);
  silent.close();
});

Deno.test("what waits for all who don't read is bounded too, and so are connections", async () => {
  await using a = await End.open();
  const listeners = Array.from(
    { length: 70 },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  for (const { addr } of listeners) {
    a.transport.send(`127.0.0.1:${(addr as Deno.NetAddr).port}`, push(1024 * 1024));
  }
  assert.equal(a.transport.traffic.frames, 31, "32 MiB and no more");
  await a.transport.close();
  for (const listener of listeners) listener.close();
  await using b = await End.open();
  await using c = await End.open();
  await using many = new AsyncDisposableStack();
  for (let i = 0; i < 70; i++) {
    const end = many.use(await End.open());
    b.transport.send(end.address, push(2000));
    await end.until(() => end.heard.length === 1);
    c.transport.send(b.address, push(2000));
  }
  assert.ok(b.transport.connections <= 64, `${b.transport.connections}`);
  await b.until(() => b.heard.length === 70);
});

Deno.test("who is gone is told from who is there", async () => {
  await using a = await End.open();
  await using b = await End.open();
  const gone = `127.0.0.1:${freePort()}`;
  a.transport.check(b.address);
  a.transport.check(gone);
  a.transport.check(gone);
  a.transport.check("nowhere");
  await a.until(() => a.refusals.length > 0);
  // Whatever b would say, it has said by now.
  a.transport.check(gone);
  await a.until(() => a.refusals.length === 2);
  assert.deepEqual(a.refusals, [gone, gone]);
  assert.equal(b.transport.traffic.malformed, 0, "a look is no message");
});

Deno.test("what makes no sense is counted, and ends a connection", async () => {
  await using a = await End.open();
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { host, port } = a.transport.address;
  const to: Deno.NetAddr = { transport: "udp", hostname: host, port };
  await socket.send(new Uint8Array([1, 2, 3]), to);
  await socket.send(encodeGossip(push(10)), to);
  await a.until(() => a.heard.length === 1);
  assert.equal(a.transport.traffic.malformed, 1);
  socket.close();

  const wrong: unknown[] = [{ type: "hello" }, [1, 2, 3], "x".repeat(100_000)];
  for (const message of wrong) {
    const connection = await connectTcp("node", a.transport.address);
    await connection.send(message);
    assert.equal(await connection.receive(), undefined);
    connection.close();
  }
  const large = await Deno.connect({ hostname: host, port });
  await large.write(new Uint8Array([0x7f, 0xff, 0xff, 0xff]));
  assert.equal(await large.read(new Uint8Array(1)), null, "no frame is so long");
  large.close();
  await a.transport.close();
  assert.equal(a.transport.traffic.malformed, 5);
  assert.equal(a.heard.length, 1);
});

Deno.test("a taken port is refused in one line, be it taken for UDP or for TCP", async () => {
  const port = freePort();
  const address = { host: "127.0.0.1", port };
  const message = `Port ${port} on 127.0.0.1 is already in use`;
  const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
  await assert.rejects(GossipTransport.open(address, new End()), { message });
  udp.close();
  const tcp = Deno.listen({ hostname: "127.0.0.1", port });
  await assert.rejects(GossipTransport.open(address, new End()), { message });
  tcp.close();
  const transport = await GossipTransport.open(address, new End());
  await transport.close();
});

Deno.test("messages find their way by IPv6 and by name", async () => {
  await using a = await End.open();
  const b = new End();
  b.transport = await GossipTransport.open({ host: "::1", port: freePort() }, b);
  await using _b = b;
  const c = new End();
  c.transport = await GossipTransport.open({ host: "::1", port: freePort() }, c);
  await using _c = c;
  for (const length of [10, 5000]) b.transport.send(c.address, push(length));
  await c.until(() => c.heard.length === 2);
  // A name is looked up meanwhile.
  const { port } = a.transport.address;
  await using d = await End.open();
  const timer = setInterval(() => d.transport.send(`localhost:${port}`, push(10)), 20);
  await a.until(() => a.heard.length > 0);
  clearInterval(timer);
});

Deno.test("an emulated network loses datagrams, and leaves connections alone", async () => {
  await using b = await End.open();
  const a = new End();
  const address = { host: "127.0.0.1", port: freePort() };
  a.transport = await GossipTransport.open(address, a, { lossRate: 1 });
  await using _a = a;
  for (let i = 0; i < 100; i++) a.transport.send(b.address, push(10));
  a.transport.send(b.address, push(5000));
  await b.until(() => b.heard.length > 0);
  await a.transport.finish(BOUND_MS);
  assert.deepEqual(b.heard, [push(5000)]);
});

Deno.test("every kind of message arrives as it was sent", async () => {
  await using a = await End.open();
  await using b = await End.open();
  const all = Object.values(GOSSIP_BODIES).map((body) => gossip(body));
  for (const message of all) a.transport.send(b.address, message);
  await b.until(() => b.heard.length === all.length);
  // Datagrams may overtake each other.
  const sorted = b.heard.toSorted((x, y) => x.type < y.type ? -1 : 1);
  assert.deepEqual(sorted, all.toSorted((x, y) => x.type < y.type ? -1 : 1));
});
