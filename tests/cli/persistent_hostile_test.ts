import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import { encodeFrame, FrameReader } from "../../src/wire/framing.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { ask, got, PersistentGroup, tell } from "./persistent_group.ts";

Deno.test("hostile input at the coordinator's and participants' ports harms nobody", async () => {
  await using group = await PersistentGroup.start();
  const [a, b] = await group.startAll("a", "b");
  const port = Number(String((await b!.event("listening")).address).split(":")[1]);
  const random = new Random([5]);
  // Connections that are opened and then left as they are.
  using held = new DisposableStack();
  for (let i = 0; i < 8; i++) {
    held.use(await connect(group.address.port));
    const connection = held.use(await connect(port));
    await connection.write(HALF_A_FRAME);
  }
  for (const bytes of nonsense(random)) {
    await converse(group.address.port, bytes);
    await converse(port, bytes);
  }
  await tell(a!, "msend in spite of it");
  await got(b!, "in spite of it");

  // What can be understood, and isn't true.
  const { members, store } = await group.status();
  const session = crypto.randomUUID();
  const payload = new TextEncoder().encode("forged");
  const open = encodeFrame({ type: "open", store, id: "b", session, after: 0 });
  const deliver = encodeFrame({ type: "deliver", first: 2, messages: [1, "a", payload] });
  const [refusal] = await converse(port, join(open, deliver));
  assert.equal(refusal?.type, "error");
  assert.deepEqual(await converse(port, deliver), []);
  for (const request of ["msend", "disconnect", "deregister"]) {
    const words = { type: request, request: "r", id: "b", session, payload };
    const [reply] = await converse(group.address.port, encodeFrame(words));
    assert.deepEqual([reply?.type, reply?.standing], ["error", "replaced"]);
  }
  const address = { host: "127.0.0.1", port: 1 };
  for (const type of ["register", "reconnect"]) {
    const words = { type, request: "r", id: "b", address, takeOver: false };
    const [reply] = await converse(group.address.port, encodeFrame(words));
    assert.deepEqual([reply?.type, reply?.standing], ["error", "online"]);
  }
  assert.deepEqual(
    (await group.status()).members.map(({ address, state }) => ({ address, state })),
    members.map(({ address, state }) => ({ address, state })),
  );
  await tell(a!, "msend the end");
  await got(b!, "the end");
  await group.caughtUp("a", "b");
  assert.deepEqual(group.texts("b"), ["in spite of it", "the end"]);
  assert.deepEqual(group.texts("a"), ["in spite of it", "the end"]);

  group.coordinator.kill("SIGTERM");
  const { stderr, code } = await group.coordinator.end();
  assert.equal(code, 143);
  const refused = /warning: (\d+) connections sent what is not understood/.exec(stderr);
  assert.ok(Number(refused?.[1]) >= 10, stderr);
  assert.doesNotMatch(stderr, /^ +at /m, "no stack trace");
});

Deno.test("strangers who hold connections at a participant's port don't cut it off", async () => {
  await using group = await PersistentGroup.start();
  const [a, b] = await group.startAll("a", "b");
  const port = Number(String((await b!.event("listening")).address).split(":")[1]);
  // The one connection that counts is lost, and has to find a place among theirs.
  group.coordinator.kill("SIGKILL");
  await group.coordinator.end();
  await b!.event("unconnected");
  using held = new DisposableStack();
  const strangers = [];
  for (let i = 0; i < 40; i++) strangers.push(held.use(await connect(port)));
  await group.restartCoordinator();
  await tell(a!, "msend who is there?");
  await got(b!, "who is there?");
  // Not because all of them were closed for their silence, some 10 seconds later.
  const isOpen = await Promise.all(strangers.map(isAnswered));
  assert.ok(isOpen.includes(true), "it had to wait until the last stranger was closed");
});

Deno.test("of two live processes with one ID only one is online, until the other takes over", async () => {
  await using group = await PersistentGroup.start();
  const [a, b] = await group.startAll("a", "b");
  for (let i = 0; i < 20; i++) await tell(a!, `msend ${i}`);
  await group.caughtUp("a", "b");
  // As on another machine, to which the log was copied.
  await Deno.copyFile(group.logPath("b"), group.logPath("other"));
  const rival = group.start("b", "--log", group.logPath("other"));
  for (const command of ["reconnect", "register"]) {
    const refused = await ask(rival, command);
    assert.equal(refused.event, "error");
    assert.match(String(refused.reason), /^b is online at 127\.0\.0\.1:\d+ already/);
  }
  await tell(rival, "quit");
  await tell(b!, "msend still here");
  await group.caughtUp("a", "b");

  const other = group.start("b", "--log", group.logPath("other"), "--take-over");
  await tell(other, "reconnect");
  const changed = await b!.event("changed");
  assert.deepEqual([changed.state, changed.why], ["offline", "replaced"]);
  assert.equal((await ask(b!, "msend from the old place")).event, "error");
  await tell(other, "msend from the new place");
  await got(other, "from the new place");
  await group.caughtUp("a", "b");
  const before = [...Array.from({ length: 20 }, (_, i) => String(i)), "still here"];
  assert.deepEqual(group.texts("a"), [...before, "from the new place"]);
  assert.deepEqual(group.texts("b"), before);
  // What b had and this log lacks: whether it is with b is all that the coordinator knows.
  assert.deepEqual(group.texts("other"), [...before.slice(0, -1), "from the new place"]);

  // Nor can two processes write one log.
  const third = group.start("b", "--log", group.logPath("other"));
  const { code, stderr } = await third.end();
  assert.equal(code, 2);
  assert.match(stderr, /^mpcomm participant: --log: .*other\.log.*\n$/);
});

/** A frame that announces more than comes. */
const HALF_A_FRAME = new Uint8Array([0, 0, 1, 0, 0x81, 0xa4]);

function* nonsense(random: Random): Generator<Uint8Array> {
  yield new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  yield new Uint8Array([0, 0, 0, 0]);
  yield new Uint8Array([0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
  yield new Uint8Array([0, 0x10, 0, 1]);
  yield HALF_A_FRAME;
  yield new Uint8Array([0, 0, 0, 1, 0xc1]);
  for (const value of [null, [1, 2, 3], { type: "no such type" }, { type: "constructor" }]) {
    yield encodeFrame(value);
  }
  const msend = { type: "msend", request: "r", id: "b", payload: new Uint8Array(1) };
  yield encodeFrame({ ...msend, id: "" });
  yield encodeFrame({ ...msend, id: "two words" });
  yield encodeFrame({ ...msend, id: "x".repeat(65) });
  yield encodeFrame({ ...msend, request: 7 });
  yield encodeFrame({ ...msend, payload: "text" });
  yield encodeFrame({ ...msend, session: "" });
  yield encodeFrame({
    type: "register",
    request: "r",
    id: "b",
    address: { host: "x", port: 70000 },
  });
  yield encodeFrame({ type: "open", store: "s", id: "b", session: "s", after: -1 });
  yield encodeFrame({ type: "deliver", first: 1, messages: [1, 2] });
  for (let i = 0; i < 30; i++) {
    yield Uint8Array.from({ length: 1 + random.below(100) }, () => random.below(256));
  }
  // Whole frames of anything.
  for (let i = 0; i < 30; i++) {
    const length = 1 + random.below(50);
    const bytes = Uint8Array.from({ length }, () => random.below(256));
    yield join(new Uint8Array([0, 0, 0, length]), bytes);
  }
}

/** Says something, and that it is all. Returns what the other side answers until it closes. */
async function converse(port: number, bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  using connection = await connect(port);
  const values: Record<string, unknown>[] = [];
  const reader = new FrameReader();
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await connection.write(rest));
    }
    await connection.closeWrite();
    for (let count; (count = await connection.read(buffer)) !== null;) {
      reader.push(buffer.subarray(0, count));
      for (let body = reader.read(); body !== undefined; body = reader.read()) {
        values.push(decodeValue(body) as Record<string, unknown>);
      }
    }
  } catch {
    // It may be reset, since what we sent was not read to its end.
  }
  return values;
}

/** Whether a connection on which nothing was said yet is open: then what makes no sense is answered. */
async function isAnswered(connection: Deno.TcpConn): Promise<boolean> {
  try {
    await connection.write(encodeFrame({ type: "no such type" }));
    return await connection.read(new Uint8Array(1)) !== null;
  } catch {
    return false; // It was closed, and so what we sent was not welcome.
  }
}

async function connect(port: number): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port });
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
