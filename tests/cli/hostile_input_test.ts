import assert from "node:assert/strict";
import { Random } from "../../src/protocols/random.ts";
import { encodeFrame } from "../../src/wire/framing.ts";
import { DatagramTap, udpAddress } from "./datagram_tap.ts";
import { addressOf, Group } from "./group.ts";
import { assertClean, runsOf, runToEnd } from "./processes.ts";

const LAN = ["--topology", "lan"];

Deno.test("hostile input at every port is counted and dropped, and the run holds", async () => {
  await using tap = DatagramTap.open();
  await using group = await Group.start(LAN, [...LAN, "--advertise", tap.address], LAN);
  tap.forwardTo(await addressOf(group.peers[1]!));
  const sockets = await Promise.all(group.peers.map((peer) => addressOf(peer)));
  const controls = await Promise.all(
    group.peers.map(async (peer) => String((await peer.event("listening")).control)),
  );
  const servers = [group.address, ...controls];
  // Connections that are opened and then left as they are, before and during the run.
  using held = new DisposableStack();
  for (const address of servers) held.use(await connect(address)).write(new Uint8Array([0, 0]));

  const compare = group.startCompare("--messages", "150", "--interval", "5-15ms");
  await Promise.all(group.peers.map((peer) => peer.event("started")));
  await tap.more(50);
  tap.hold();
  for (const address of servers) held.use(await connect(address)).write(HALF_A_FRAME);
  const random = new Random([7]);
  await sendDatagrams(junk(random), sockets);
  await sendDatagrams(spoiled(tap.datagrams, random), sockets);
  for (const address of servers) await sendStreams(address, random);
  assert.equal(compare.events("run").length, 0, "all that came in mid-run");
  await tap.release();

  const ending = await compare.end();
  assertClean(runsOf(ending)[0], 450);
  const dropped = /^mpcomm compare: warning: lamport: (\d+) datagrams made no sense and were dr/m
    .exec(ending.stderr);
  assert.ok(Number(dropped?.[1]) > 100, ending.stderr);
  assert.equal(ending.code, 0);

  // All are there for the next run, with what was held still held.
  const next = await group.compare("--messages", "20", "--interval", "1-3ms", "--peers", "3");
  assertClean(runsOf(next)[0], 60);
  assert.equal(next.code, 0);
  const members = await runToEnd(["manager", "list", "--manager", group.address, "--json"]);
  assert.equal(members.events.length, 3);
  group.manager.kill("SIGTERM");
  const { stderr } = await group.manager.end();
  const refused = /warning: (\d+) connections sent what is not understood/.exec(stderr);
  assert.ok(Number(refused?.[1]) >= 5, stderr);
});

Deno.test("a group that is told nonsense by one of its own survives it", async () => {
  await using tap = DatagramTap.open();
  await using group = await Group.start(LAN, [...LAN, "--advertise", tap.address], LAN);
  tap.forwardTo(await addressOf(group.peers[1]!));
  const sockets = await Promise.all(group.peers.map((peer) => addressOf(peer)));
  const compare = group.startCompare("--messages", "60", "--interval", "2-6ms", "--timeout", "3s");
  await Promise.all(group.peers.map((peer) => peer.event("started")));
  await tap.more(50);
  // Well-formed as they may be, they say what no process has said. Without authentication that may
  // spoil the run, but no process may fall over it.
  await sendDatagrams(forged(tap.datagrams, new Random([11])), sockets);
  const ending = await compare.end();
  assert.ok([0, 1, 3].includes(ending.code), `${ending.code}: ${ending.stderr}`);
  assert.doesNotMatch(ending.stderr, /is gone|does not answer/);
  const next = await group.compare("--messages", "20", "--interval", "1-3ms", "--peers", "3");
  assertClean(runsOf(next)[0], 60);
  assert.equal(next.code, 0);
});

/** A frame that announces more than comes. */
const HALF_A_FRAME = new Uint8Array([0, 0, 1, 0, 0x81, 0xa4]);

/** What no protocol ever sent. */
function* junk(random: Random): Generator<Uint8Array> {
  yield new Uint8Array(0);
  for (const size of [1, 2, 3, 64, 1400, 65_507]) {
    yield new Uint8Array(size);
    yield new Uint8Array(size).fill(0xff);
    for (let i = 0; i < 5; i++) yield randomBytes(size, random);
  }
  for (let i = 0; i < 200; i++) yield randomBytes(random.below(200), random);
}

/** True datagrams in which something is wrong that shows. */
function* spoiled(datagrams: readonly Uint8Array[], random: Random): Generator<Uint8Array> {
  const [sample] = datagrams.slice(-1);
  for (let length = 0; length < sample!.length; length++) yield sample!.subarray(0, length);
  for (const datagram of datagrams.slice(-20)) {
    yield join(datagram, new Uint8Array([random.below(256)]));
    yield join(datagram, datagram);
    // The number of elements, the version and the kind.
    for (const at of [0, 1, 2]) {
      const copy = datagram.slice();
      copy[at] = copy[at]! ^ (1 << random.below(7)) ^ 0x80;
      yield copy;
    }
    yield datagram; // Again as it was: a duplicate.
  }
}

/** True datagrams with a few bytes changed anywhere. */
function* forged(datagrams: readonly Uint8Array[], random: Random): Generator<Uint8Array> {
  for (let i = 0; i < 1000; i++) {
    const copy = datagrams[random.below(datagrams.length)]!.slice();
    for (let flips = 1 + random.below(3); flips > 0; flips--) {
      copy[random.below(copy.length)] = random.below(256);
    }
    yield copy;
  }
}

/** Byte streams that are no conversation, each on a connection of its own. */
async function sendStreams(address: string, random: Random): Promise<void> {
  const streams = [
    randomBytes(1000, random),
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    new Uint8Array([0, 0, 0, 0]),
    new Uint8Array([0xff, 0xff, 0xff, 0xff, 1, 2, 3]),
    new Uint8Array([0, 0x10, 0, 1]),
    HALF_A_FRAME,
    new Uint8Array([0, 0, 0, 1, 0xc1]),
    encodeFrame(null),
    encodeFrame([1, 2, 3]),
    encodeFrame({ type: "no such type" }),
    encodeFrame({ type: "start", run: -1 }),
    encodeFrame({ type: "register", name: "x".repeat(1000) }),
    encodeFrame({ type: "constructor", __proto__: null }),
  ];
  for (const stream of streams) {
    using connection = await connect(address);
    await connection.write(stream);
    // We have no more to say, and it has nothing to wait for.
    await connection.closeWrite().catch(() => {});
    await readToEnd(connection);
  }
}

/** Resolves when the other side has closed the connection. */
async function readToEnd(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    while (await connection.read(buffer) !== null);
  } catch {
    // It may be reset, since what we sent was not read to its end.
  }
}

async function sendDatagrams(datagrams: Iterable<Uint8Array>, to: string[]): Promise<void> {
  using socket = new DisposableStack();
  const from = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  socket.defer(() => from.close());
  for (const datagram of datagrams) {
    for (const address of to) await from.send(datagram, udpAddress(address));
  }
}

async function connect(address: string): Promise<Deno.TcpConn> {
  const { hostname, port } = udpAddress(address);
  return await Deno.connect({ hostname, port });
}

function randomBytes(size: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.below(256));
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
