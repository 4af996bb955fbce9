import assert from "node:assert/strict";
import type { Address } from "../../src/hosts/address.ts";
import {
  type CoordinatorEvent,
  CoordinatorHost,
  type CoordinatorHostOptions,
} from "../../src/hosts/coordinator_host.ts";
import { SqliteMessageLog } from "../../src/hosts/sqlite_message_log.ts";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import type { TcpConnection } from "../../src/hosts/tcp_connection.ts";
import { TcpServer } from "../../src/hosts/tcp_server.ts";
import { encodeFrame } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import type { OkReply } from "../../src/protocols/persistent/messages.ts";
import {
  type Close,
  type CoordinatorReply,
  decodeCoordinatorReply,
  decodeDeliveryMessage,
} from "../../src/wire/persistent_messages.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A participant without a log: it takes deliveries, and acknowledges them unless told not to. */
class Receiver implements AsyncDisposable {
  readonly texts: string[] = [];
  readonly closes: Close["why"][] = [];
  acknowledges = true;
  #server!: TcpServer;
  #seq = 0;
  readonly #watchers = new Set<() => void>();

  static async listen(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server = await TcpServer.listen(
      LOOPBACK,
      (connection) => receiver.#serve(connection),
    );
    return receiver;
  }

  get address(): Address {
    return this.#server.address;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
    }
  }

  async has(texts: readonly string[]): Promise<void> {
    await this.until(() => this.texts.length >= texts.length);
    assert.deepEqual(this.texts, texts);
  }

  async #serve(connection: TcpConnection): Promise<void> {
    for await (const value of connection) {
      const message = decodeDeliveryMessage(value);
      if (message.type === "close") this.closes.push(message.why);
      if (message.type === "open") {
        const { id, session, after } = message;
        this.#seq = Math.max(this.#seq, after);
        await connection.send({ type: "opened", id, session, logged: this.#seq });
      }
      if (message.type === "deliver") {
        for (const { seq, payload } of message.messages) {
          assert.equal(seq, this.#seq + 1);
          this.#seq = seq;
          this.texts.push(new TextDecoder().decode(payload));
        }
        if (this.acknowledges) await connection.send({ type: "logged", seq: this.#seq });
      }
      for (const wake of this.#watchers) wake();
      this.#watchers.clear();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

/** A coordinator with a store in memory, unless told otherwise, and a connection to it. */
class World implements AsyncDisposable {
  readonly host: CoordinatorHost;
  readonly client: TcpConnection;
  readonly events: CoordinatorEvent[] = [];

  static async begin(options: Partial<CoordinatorHostOptions> = {}): Promise<World> {
    const events: CoordinatorEvent[] = [];
    const host = await CoordinatorHost.listen(LOOPBACK, {
      tdMs: 60_000,
      log: SqliteMessageLog.open(":memory:"),
      onEvent: (event) => events.push(event),
      ...options,
    });
    return new World(host, await connectTcp("coordinator", host.address), events);
  }

  private constructor(host: CoordinatorHost, client: TcpConnection, events: CoordinatorEvent[]) {
    this.host = host;
    this.client = client;
    this.events = events;
  }

  async ask(request: Record<string, unknown>): Promise<CoordinatorReply> {
    void this.client.send({ request: crypto.randomUUID(), ...request });
    return decodeCoordinatorReply(await this.client.receive());
  }

  async ok(request: Record<string, unknown>): Promise<OkReply> {
    const reply = await this.ask(request);
    assert.ok(reply.type === "ok", JSON.stringify(reply));
    return reply;
  }

  register(id: string, { address }: Receiver): Promise<OkReply> {
    return this.ok({ type: "register", id, address });
  }

  msend(id: string, text: string): Promise<OkReply> {
    return this.ok({ type: "msend", id, payload: new TextEncoder().encode(text) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.host.close();
  }
}

Deno.test("a coordinator brings each message to all who are online, the sender included", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await using ben = await Receiver.listen();
  await world.register("ada", ada);
  const { request: session } = await world.register("ben", ben);
  assert.equal((await world.msend("ada", "one")).seq, 1);
  assert.equal((await world.msend("ben", "two")).seq, 2);
  await ada.has(["one", "two"]);
  await ben.has(["one", "two"]);
  await world.ok({ type: "disconnect", id: "ben", session });
  await ben.until(() => ben.closes.length > 0);
  assert.deepEqual(ben.closes, ["left"]);
  await world.msend("ada", "three");
  await using again = await Receiver.listen();
  const { seq } = await world.ok({ type: "reconnect", id: "ben", address: again.address });
  assert.equal(seq, 2);
  await again.has(["three"]);
  assert.deepEqual(ben.texts, ["one", "two"]);
  const members = world.events.filter(({ type }) => type !== "connected" && type !== "lost");
  assert.deepEqual(members, [
    { type: "register", id: "ada" },
    { type: "register", id: "ben" },
    { type: "disconnect", id: "ben" },
    { type: "reconnect", id: "ben" },
  ]);
});

Deno.test("a request that comes again gets the same answer, and is stored once", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await world.register("ada", ada);
  const msend = { type: "msend", id: "ada", request: "same", payload: new Uint8Array([65]) };
  const first = await world.ok(msend);
  const other = await connectTcp("coordinator", world.host.address);
  void other.send(msend);
  assert.deepEqual(await other.receive(), { ...first });
  other.close();
  await world.msend("ada", "B");
  await ada.has(["A", "B"]);
});

Deno.test("pipelined requests are answered in their order, status among them", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await world.register("ada", ada);
  const texts = Array.from({ length: 1000 }, (_, i) => `text ${i}`);
  for (const [i, text] of texts.entries()) {
    const payload = new TextEncoder().encode(text);
    void world.client.send({ type: "msend", request: `m${i}`, id: "ada", payload });
    if (i === 500) void world.client.send({ type: "status" });
  }
  for (const i of texts.keys()) {
    const reply = decodeCoordinatorReply(await world.client.receive());
    assert.ok(reply.type === "ok");
    assert.deepEqual([reply.request, reply.seq], [`m${i}`, i + 1]);
    if (i !== 500) continue;
    const status = decodeCoordinatorReply(await world.client.receive());
    assert.ok(status.type === "status" && status.lastSeq === 501);
  }
  await ada.has(texts);
});

Deno.test("who sends one request and ends its direction gets the answer and the end", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await world.register("ada", ada);
  const { host: hostname, port } = world.host.address;
  const conn = await Deno.connect({ hostname, port });
  const msend = { type: "msend", request: "once", id: "ada", payload: new Uint8Array([65]) };
  await conn.write(encodeFrame(msend));
  await conn.closeWrite();
  const bytes = new Uint8Array(await new Response(conn.readable).arrayBuffer());
  const reply = decodeCoordinatorReply(decodeValue(bytes.subarray(4)));
  assert.ok(reply.type === "ok" && reply.seq === 1);
});

Deno.test("what is no request is answered after the ones before it, and ends the connection", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await world.register("ada", ada);
  const payload = new Uint8Array([65]);
  void world.client.send({ type: "msend", request: "good", id: "ada", payload });
  void world.client.send({ type: "msend", request: "bad", id: "a b", payload });
  void world.client.send({ type: "msend", request: "late", id: "ada", payload });
  const good = decodeCoordinatorReply(await world.client.receive());
  assert.ok(good.type === "ok" && good.request === "good");
  const bad = decodeCoordinatorReply(await world.client.receive());
  assert.ok(bad.type === "error" && bad.request === "bad");
  assert.match(bad.reason, /Field id/);
  assert.equal(await world.client.receive(), undefined);
  await ada.has(["A"]);
});

Deno.test("an address without a host is that of the one who asks", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  const address = { host: "0.0.0.0", port: ada.address.port };
  await world.ok({ type: "register", id: "ada", address });
  await world.msend("ada", "one");
  await ada.has(["one"]);
  assert.deepEqual(world.host.status().members[0]!.address, ada.address);
});

Deno.test("a member that doesn't acknowledge delays nobody, and gets the rest later", async () => {
  await using world = await World.begin();
  await using ada = await Receiver.listen();
  await using slow = await Receiver.listen();
  slow.acknowledges = false;
  await world.register("ada", ada);
  await world.register("slow", slow);
  const texts = Array.from({ length: 60 }, (_, i) => `${i}`.padEnd(100_000, "."));
  for (const text of texts) await world.msend("ada", text);
  await ada.has(texts);
  const [, status] = world.host.status().members;
  assert.ok(status!.inFlight < 15, `${status!.inFlight} are on their way`);
  assert.equal(status!.backlog, 60);
  slow.acknowledges = true;
  await world.ok({
    type: "reconnect",
    id: "slow",
    address: slow.address,
    takeOver: true,
  });
  await slow.has(texts);
});

Deno.test("a coordinator that starts again goes on, and connects by itself", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/store.db`;
    await using ada = await Receiver.listen();
    let store: string;
    {
      await using world = await World.begin({ log: SqliteMessageLog.open(path) });
      ({ store } = await world.register("ada", ada));
      await world.msend("ada", "one");
      await ada.has(["one"]);
    }
    await using world = await World.begin({ log: SqliteMessageLog.open(path) });
    const reply = await world.msend("ada", "two");
    assert.deepEqual([reply.store, reply.seq], [store, 2]);
    await ada.has(["one", "two"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a busy port is one line, and leaves the store to others", async () => {
  await using world = await World.begin();
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/store.db`;
    await assert.rejects(
      CoordinatorHost.listen(world.host.address, { tdMs: 0, log: SqliteMessageLog.open(path) }),
      /^Error: Port \d+ on 127\.0\.0\.1 is already in use$/,
    );
    SqliteMessageLog.open(path).close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
