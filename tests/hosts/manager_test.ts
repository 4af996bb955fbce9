import assert from "node:assert/strict";
import {
  askManager,
  listMembers,
  Registration,
  type RegistrationState,
} from "../../src/hosts/manager_client.ts";
import {
  type ManagerOptions,
  ManagerServer,
  type MembershipChange,
} from "../../src/hosts/manager_server.ts";
import { TcpServer } from "../../src/hosts/tcp_server.ts";
import type { Address } from "../../src/wire/address.ts";
import { encodeFrame } from "../../src/wire/framing.ts";
import { decodeManagerRequest, type Registrant } from "../../src/wire/manager_messages.ts";

const LOOPBACK: Address = { host: "127.0.0.1", port: 0 };

function registrant(name: string, port: number, host = "127.0.0.1"): Registrant {
  return { name, udp: { host, port }, control: { host, port: port + 1 }, region: null };
}

/** Collects what a callback is told, and lets a test wait for the next. */
class Events<T> {
  readonly #queue: T[] = [];
  #waiting: ((event: T) => void) | undefined;

  readonly push = (event: T): void => {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting(event);
    else this.#queue.push(event);
  };

  async next(): Promise<T> {
    return this.#queue.shift() ?? await new Promise<T>((resolve) => this.#waiting = resolve);
  }
}

/** A manager whose clock the test moves. */
async function stoppedManager(options: ManagerOptions = {}) {
  const clock = { ms: 0 };
  const manager = await ManagerServer.listen(LOOPBACK, { now: () => clock.ms, ...options });
  return { manager, clock, address: manager.address };
}

async function names(address: Address): Promise<string[]> {
  return (await listMembers(address)).map(({ name }) => name);
}

Deno.test("who registers is in the list, who deregisters isn't", async () => {
  const { manager, clock, address } = await stoppedManager();
  assert.deepEqual(await listMembers(address), []);
  const ada = await Registration.open(address, { ...registrant("ada", 1000), region: "eu-west-1" });
  clock.ms = 1500;
  const bob = await Registration.open(address, registrant("bob", 2000));
  assert.deepEqual(await listMembers(address), [
    { ...registrant("ada", 1000), region: "eu-west-1", ageMs: 1500 },
    { ...registrant("bob", 2000), ageMs: 0 },
  ]);
  await ada.close();
  assert.deepEqual(await names(address), ["bob"]);
  await bob.close();
  await bob.close();
  assert.deepEqual(manager.members(), []);
  await manager.close();
});

Deno.test("many processes can register at once", async () => {
  const { manager, address } = await stoppedManager();
  const group = await Promise.all(
    Array.from(
      { length: 100 },
      (_, i) => Registration.open(address, registrant(`p${i}`, 1000 + 2 * i)),
    ),
  );
  assert.equal((await listMembers(address)).length, 100);
  await Promise.all(group.map((registration) => registration.close()));
  assert.deepEqual(await listMembers(address), []);
  await manager.close();
});

Deno.test("a process that doesn't renew disappears when its lease ends", async () => {
  const changes = new Events<MembershipChange>();
  const { manager, clock, address } = await stoppedManager({ onChange: changes.push });
  await askManager(address, { type: "register", ...registrant("ada", 1000) });
  clock.ms = 5000;
  const reply = await askManager(address, { type: "register", ...registrant("bob", 2000) });
  assert.ok(reply.type === "registered" && reply.leaseMs === 10_000);
  clock.ms = 9999;
  assert.deepEqual(await names(address), ["ada", "bob"]);
  clock.ms = 10_000;
  assert.deepEqual(await names(address), ["bob"]);
  const { lease } = reply;
  const renewed = await askManager(address, { type: "renew", name: "bob", lease });
  assert.deepEqual(renewed, { type: "renewed", leaseMs: 10_000 });
  clock.ms = 19_999;
  assert.deepEqual(await names(address), ["bob"]);
  clock.ms = 20_000;
  assert.deepEqual(await names(address), []);
  assert.deepEqual(await askManager(address, { type: "renew", name: "bob", lease }), {
    type: "unknown",
  });
  const kinds: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { type, member } = await changes.next();
    kinds.push(`${member.name} ${type}`);
  }
  assert.deepEqual(kinds, ["ada joined", "bob joined", "ada expired", "bob expired"]);
  await manager.close();
});

Deno.test("the end of a lease is noticed even if nobody asks", async () => {
  const changes = new Events<MembershipChange>();
  const manager = await ManagerServer.listen(LOOPBACK, { leaseMs: 20, onChange: changes.push });
  await askManager(manager.address, { type: "register", ...registrant("ada", 1000) });
  assert.equal((await changes.next()).type, "joined");
  assert.equal((await changes.next()).type, "expired");
  await manager.close();
});

Deno.test("a registration outlives its lease many times over, because it renews", async () => {
  const events = new Events<string>();
  const { manager, clock, address } = await stoppedManager({
    leaseMs: 90,
    onChange: ({ type }) => events.push(type),
  });
  // Each request passes here, and finds the lease nearly at its end.
  const proxy = await TcpServer.listen(LOOPBACK, async (connection) => {
    for await (const message of connection) {
      clock.ms += 89;
      const reply = await askManager(address, decodeManagerRequest(message));
      events.push(reply.type);
      await connection.send(reply);
    }
  });
  const registration = await Registration.open(proxy.address, registrant("ada", 1000));
  assert.equal(await events.next(), "joined");
  assert.equal(await events.next(), "registered");
  for (let i = 0; i < 10; i++) assert.equal(await events.next(), "renewed");
  assert.deepEqual(await names(address), ["ada"]);
  await registration.close();
  await proxy.close();
  await manager.close();
});

Deno.test("a registration comes back after the manager was started anew", async () => {
  const states = new Events<RegistrationState>();
  const first = await ManagerServer.listen(LOOPBACK, { leaseMs: 60 });
  const { address } = first;
  const registration = await Registration.open(address, registrant("ada", 1000), {
    retryMs: 10,
    maxRetryMs: 20,
    onState: states.push,
  });
  assert.deepEqual(await states.next(), { type: "registered" });
  await first.close();
  const away = await states.next();
  assert.ok(away.type === "unreachable");
  assert.equal(away.reason, `No manager at 127.0.0.1:${address.port} (connection refused)`);

  const second = await ManagerServer.listen(address, { leaseMs: 10_000 });
  assert.deepEqual(await states.next(), { type: "registered" });
  assert.deepEqual(await names(address), ["ada"]);
  await registration.close();
  assert.deepEqual(await names(address), []);
  await second.close();
});

Deno.test("a process that was paused beyond its lease registers again", async () => {
  const changes = new Events<MembershipChange>();
  const { manager, clock, address } = await stoppedManager({ leaseMs: 60, onChange: changes.push });
  const registration = await Registration.open(address, registrant("ada", 1000));
  assert.equal((await changes.next()).type, "joined");
  clock.ms += 60;
  assert.equal((await changes.next()).type, "expired");
  assert.equal((await changes.next()).type, "joined");
  await registration.close();
  await manager.close();
});

Deno.test("the latest of two processes with one name wins, and the other gives up", async () => {
  const states = new Events<RegistrationState>();
  const manager = await ManagerServer.listen(LOOPBACK, { leaseMs: 300 });
  const first = await Registration.open(manager.address, registrant("ada", 1000), {
    onState: states.push,
  });
  assert.deepEqual(await states.next(), { type: "registered" });
  const second = await Registration.open(manager.address, registrant("ada", 3000));
  assert.deepEqual(await states.next(), { type: "replaced", by: "ada" });
  assert.equal(first.state.type, "replaced");
  await first.close();
  assert.deepEqual(manager.members().map(({ udp }) => udp.port), [3000]);
  await second.close();
  await manager.close();
});

Deno.test("the latest of two processes behind one UDP address wins", async () => {
  const states = new Events<RegistrationState>();
  const manager = await ManagerServer.listen(LOOPBACK, { leaseMs: 300 });
  const first = await Registration.open(manager.address, registrant("ada", 1000), {
    onState: states.push,
  });
  await states.next();
  const second = await Registration.open(manager.address, registrant("bob", 1000));
  assert.deepEqual(await states.next(), { type: "replaced", by: "bob" });
  assert.deepEqual(await names(manager.address), ["bob"]);
  await Promise.all([first.close(), second.close()]);
  await manager.close();
});

Deno.test("an unspecified host becomes the one that the registration came from", async () => {
  for (const [listen, any] of [["127.0.0.1", "0.0.0.0"], ["::1", "::"]] as const) {
    const manager = await ManagerServer.listen({ host: listen, port: 0 });
    const registration = await Registration.open(manager.address, {
      name: "ada",
      udp: { host: any, port: 1000 },
      control: { host: "control.example", port: 2000 },
      region: null,
    });
    const [member] = await listMembers(manager.address);
    assert.deepEqual(member?.udp, { host: listen, port: 1000 });
    assert.deepEqual(member?.control, { host: "control.example", port: 2000 });
    await registration.close();
    await manager.close();
  }
});

Deno.test("a manager on all addresses sees IPv4 visitors as such", async () => {
  const manager = await ManagerServer.listen({ host: "::", port: 0 });
  const address = { host: "127.0.0.1", port: manager.address.port };
  const registration = await Registration.open(address, registrant("ada", 1000, "0.0.0.0"));
  assert.equal((await listMembers(address))[0]?.udp.host, "127.0.0.1");
  await registration.close();
  await manager.close();
});

Deno.test("a full group says so, and a place that gets free can be taken", async () => {
  const { manager, address } = await stoppedManager({ maxMembers: 1 });
  const ada = await Registration.open(address, registrant("ada", 1000));
  await assert.rejects(
    Registration.open(address, registrant("bob", 2000)),
    (error: Error) =>
      error.message === `The manager at 127.0.0.1:${address.port} refused: The group is full`,
  );
  await ada.close();
  const bob = await Registration.open(address, registrant("bob", 2000));
  await bob.close();
  await manager.close();
});

Deno.test("where there is no manager, one line says so", async () => {
  const { manager, address } = await stoppedManager();
  await manager.close();
  const message = `No manager at 127.0.0.1:${address.port} (connection refused)`;
  await assert.rejects(listMembers(address), { message });
  await assert.rejects(Registration.open(address, registrant("ada", 1000)), { message });
});

Deno.test("a server that isn't a manager is named", async () => {
  const answers: [unknown, RegExp][] = [
    ["hello", /doesn't answer as a manager does \(A message must be a map\)$/],
    [{ type: "members" }, /\(In message members: Field members must be an array/],
    [{ type: "renewed", leaseMs: 5 }, /answered renewed to another question$/],
    [new Date(0).toISOString(), /doesn't answer as a manager does/],
  ];
  for (const [answer, message] of answers) {
    const server = await TcpServer.listen(LOOPBACK, async (connection) => {
      await connection.receive();
      await connection.send(answer);
    });
    await assert.rejects(listMembers(server.address), message);
    await server.close();
  }
  const silent = await TcpServer.listen(LOOPBACK, async (connection) => {
    while (await connection.receive() !== undefined);
  });
  await assert.rejects(
    listMembers(silent.address, { timeoutMs: 30 }),
    /gave no answer \(no message came within 30 ms\)$/,
  );
  await silent.close();
});

Deno.test("closing a registration doesn't wait for a manager that hangs", async () => {
  let hang = false;
  const hanging = Promise.withResolvers<void>();
  const server = await TcpServer.listen(LOOPBACK, async (connection) => {
    for await (const _ of connection) {
      if (hang) hanging.resolve();
      else await connection.send({ type: "registered", lease: "L", leaseMs: 30 });
    }
  });
  const registration = await Registration.open(server.address, registrant("ada", 1000), {
    timeoutMs: 600_000,
    closeMs: 50,
  });
  hang = true;
  await hanging.promise;
  await registration.close();
  await server.close();
});

Deno.test("requests may be pipelined on one connection; a wrong one is answered and ends it", async () => {
  const { manager, address } = await stoppedManager();
  const conn = await Deno.connect({ hostname: address.host, port: address.port });
  const expected = [
    { type: "members", members: [] },
    { type: "members", members: [] },
    {
      type: "error",
      reason: "In message renew: Field lease must be a string of 1 to 64 characters",
    },
  ];
  const requests = [{ type: "list" }, { type: "list" }, { type: "renew", name: "ada" }];
  for (const request of requests) await conn.write(encodeFrame(request));
  const bytes = await new Response(conn.readable).bytes();
  assert.equal(bytes.toHex(), expected.map((reply) => encodeFrame(reply).toHex()).join(""));
  await manager.close();
  assert.equal(manager.counters.malformed, 1);
});

Deno.test("garbage, silence and half a request at the manager's port disturb nobody", async () => {
  const manager = await ManagerServer.listen(LOOPBACK, { deadlineMs: 1000 });
  const { host: hostname, port } = manager.address;
  const inputs = [
    new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
    new Uint8Array(0),
    encodeFrame({ type: "list" }).subarray(0, 7),
    encodeFrame({ type: "shutdown" }),
    encodeFrame([1, 2, 3]),
    new Uint8Array(5000).fill(0xc1),
  ];
  const strangers = await Promise.all(inputs.map(async (bytes) => {
    const conn = await Deno.connect({ hostname, port });
    if (bytes.length > 0) await conn.write(bytes);
    return conn;
  }));
  const registration = await Registration.open(manager.address, registrant("ada", 1000));
  assert.deepEqual(await names(manager.address), ["ada"]);
  // All of them get closed, those that stall by the deadline.
  for (const conn of strangers) await new Response(conn.readable).bytes().catch(() => {});
  assert.equal(manager.counters.failed, 0);
  await registration.close();
  await manager.close();
  assert.equal(manager.counters.malformed, 4);
});
