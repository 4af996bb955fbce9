import assert from "node:assert/strict";
import { connectTcp } from "../../src/hosts/tcp_client.ts";
import type { TcpConnection } from "../../src/hosts/tcp_connection.ts";
import { type Acceptor, TcpServer } from "../../src/hosts/tcp_server.ts";
import type { Address } from "../../src/wire/address.ts";

const LOOPBACK: Address = { host: "127.0.0.1", port: 0 };

/** Sends everything back. */
async function echo(connection: TcpConnection): Promise<void> {
  for await (const message of connection) await connection.send(message);
}

async function roundTrip(server: TcpServer, message: unknown): Promise<unknown> {
  const connection = await connectTcp("server", server.address);
  await connection.send(message);
  const answer = await connection.receive();
  connection.close();
  return answer;
}

Deno.test("a server serves many connections at once, on IPv4 and on IPv6", async () => {
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    const server = await TcpServer.listen({ host, port: 0 }, echo);
    assert.ok(server.address.port > 0);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => roundTrip(server, i)));
    assert.deepEqual(answers, Array.from({ length: 50 }, (_, i) => i));
    await server.close();
    assert.equal(server.counters.accepted, 50);
    assert.equal(server.connections, 0);
  }
});

Deno.test("a handler that throws ends its connection and nothing else", async () => {
  const errors: unknown[] = [];
  const server = await TcpServer.listen(LOOPBACK, async (connection) => {
    const message = await connection.receive();
    if (message === "bomb") throw new Error("boom");
    await connection.send(message);
  }, { onError: (error) => errors.push(error) });
  assert.equal(await roundTrip(server, "bomb"), undefined);
  assert.equal(await roundTrip(server, "hello"), "hello");
  await server.close();
  assert.equal(server.counters.failed, 1);
  assert.deepEqual(errors.map((error) => (error as Error).message), ["boom"]);
});

Deno.test("malformed input is counted, and the server goes on", async () => {
  const server = await TcpServer.listen(LOOPBACK, echo);
  for (const bytes of [[0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 1, 0xc1], [0, 0]]) {
    const { host: hostname, port } = server.address;
    const conn = await Deno.connect({ hostname, port });
    await conn.write(Uint8Array.from(bytes));
    await conn.closeWrite();
    assert.equal(await conn.read(new Uint8Array(1)), null);
    conn.close();
  }
  assert.equal(await roundTrip(server, "hello"), "hello");
  await server.close();
  assert.equal(server.counters.malformed, 4);
});

Deno.test("connections beyond the limit are closed at once, and there is room again later", async () => {
  const server = await TcpServer.listen(LOOPBACK, echo, { maxConnections: 2 });
  const first = await connectTcp("server", server.address);
  const second = await connectTcp("server", server.address);
  for (const [i, connection] of [first, second].entries()) {
    await connection.send(i);
    assert.equal(await connection.receive(), i);
  }
  assert.equal(await roundTrip(server, "third"), undefined);
  assert.equal(server.counters.turnedAway, 1);
  await first.send("still there");
  assert.equal(await first.receive(), "still there");

  first.close();
  // The place is free once the server has noticed; until then it turns away.
  while (await roundTrip(server, "fourth") !== "fourth");
  second.close();
  await server.close();
});

Deno.test("closing ends connections and waits for their handlers", async () => {
  let handled = 0;
  const server = await TcpServer.listen(LOOPBACK, async (connection) => {
    await echo(connection);
    await Promise.resolve();
    handled++;
  });
  const connections = await Promise.all([1, 2, 3].map(() => connectTcp("server", server.address)));
  for (const connection of connections) {
    await connection.send("hello");
    await connection.receive();
  }
  await server.close();
  assert.equal(handled, 3);
  for (const connection of connections) {
    assert.equal(await connection.receive(), undefined);
    connection.close();
  }
  await assert.rejects(connectTcp("server", server.address), /connection refused/);
  await server.close();
});

Deno.test("a failing accept, as when file descriptors run out, doesn't stop the server", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let failures = 3;
  const flaky: Acceptor = {
    addr: listener.addr,
    accept() {
      if (failures === 0) return listener.accept();
      failures--;
      return Promise.reject(new Error("Too many open files (os error 24)"));
    },
    close: () => listener.close(),
  };
  const server = new TcpServer(flaky, echo);
  assert.equal(await roundTrip(server, "hello"), "hello");
  assert.equal(failures, 0);
  await server.close();
});

Deno.test("a server can be closed while accept keeps failing", async () => {
  const failed = Promise.withResolvers<void>();
  const broken: Acceptor = {
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    accept() {
      failed.resolve();
      return Promise.reject(new Error("Too many open files (os error 24)"));
    },
    close() {},
  };
  const server = new TcpServer(broken, echo);
  await failed.promise;
  await server.close();
});

Deno.test("a port in use is named", async () => {
  const server = await TcpServer.listen(LOOPBACK, echo);
  const { port } = server.address;
  await assert.rejects(
    TcpServer.listen(server.address, echo),
    (error: Error) => error.message === `Port ${port} on 127.0.0.1 is already in use`,
  );
  await server.close();
});

Deno.test("an address that isn't ours, and a host that doesn't exist, are named", async () => {
  await assert.rejects(
    TcpServer.listen({ host: "192.0.2.1", port: 0 }, echo),
    /^Error: 192.0.2.1 is not an address of this machine$/,
  );
  await assert.rejects(
    TcpServer.listen({ host: "nobody.invalid", port: 0 }, echo),
    /^Error: Unknown host nobody.invalid$/,
  );
});

Deno.test("connecting where nobody listens names what was sought and where", async () => {
  for (const host of ["127.0.0.1", "::1"]) {
    const server = await TcpServer.listen({ host, port: 0 }, echo);
    const { address } = server;
    await server.close();
    const where = host === "::1" ? `[::1]:${address.port}` : `127.0.0.1:${address.port}`;
    await assert.rejects(
      connectTcp("manager", address),
      (error: Error) => error.message === `No manager at ${where} (connection refused)`,
    );
  }
  await assert.rejects(
    connectTcp("manager", { host: "nobody.invalid", port: 1 }),
    /^Error: Unknown host nobody.invalid$/,
  );
});

Deno.test("connecting can be given up", async () => {
  const signal = AbortSignal.abort(new Error("interrupted"));
  await assert.rejects(
    connectTcp("manager", { host: "127.0.0.1", port: 1 }, { signal }),
    /^Error: No manager at 127.0.0.1:1 \(interrupted\)$/,
  );
});
