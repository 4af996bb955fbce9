import assert from "node:assert/strict";
import fc from "fast-check";
import { type ConnectionOptions, TcpConnection } from "../../src/hosts/tcp_connection.ts";
import { encodeFrame } from "../../src/wire/framing.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** A connection of ours, and the naked socket at its other end. */
async function pair(
  options: ConnectionOptions = {},
  listen: { hostname: string; port: number } = LOOPBACK,
): Promise<{ ours: TcpConnection; theirs: Deno.TcpConn; [Symbol.dispose](): void }> {
  using listener = Deno.listen(listen);
  const [theirs, accepted] = await Promise.all([
    Deno.connect({ hostname: listener.addr.hostname, port: listener.addr.port }),
    listener.accept(),
  ]);
  const ours = new TcpConnection(accepted, options);
  return {
    ours,
    theirs,
    [Symbol.dispose]() {
      ours.close();
      try {
        theirs.close();
      } catch {
        // The test has closed it.
      }
    },
  };
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await conn.write(bytes.subarray(written));
  }
}

async function readToEnd(conn: Deno.TcpConn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of conn.readable) chunks.push(chunk);
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function concat(...frames: Uint8Array[]): Uint8Array {
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

async function receiveAll(connection: TcpConnection): Promise<unknown[]> {
  return await Array.fromAsync(connection);
}

Deno.test("messages come in order, split anywhere, until the other side closes", async () => {
  using both = await pair();
  const messages = Array.from({ length: 200 }, (_, i) => ({ i, text: "x".repeat(i) }));
  const received = receiveAll(both.ours);
  const stream = concat(...messages.map((message) => encodeFrame(message)));
  for (let from = 0; from < stream.length; from += 97) {
    await writeAll(both.theirs, stream.subarray(from, from + 97));
  }
  both.theirs.close();
  assert.deepEqual(await received, messages);
  assert.equal(both.ours.ending, "closed by the other side");
  assert.equal(both.ours.malformed, false);
});

Deno.test("a thousand writes of one byte, and then ten thousand frames in one write, are all read", async () => {
  using both = await pair();
  const frame = encodeFrame(null);
  const received = receiveAll(both.ours);
  for (let i = 0; i < 200; i++) {
    for (const byte of frame) await writeAll(both.theirs, Uint8Array.of(byte));
  }
  await writeAll(both.theirs, concat(...Array<Uint8Array>(10_000).fill(frame)));
  both.theirs.close();
  assert.equal((await received).length, 10_200);
});

Deno.test("what is sent arrives in order, whether it is awaited or not", async () => {
  using both = await pair();
  const arrived = readToEnd(both.theirs);
  const frames: Uint8Array[] = [];
  for (let i = 0; i < 500; i++) {
    frames.push(encodeFrame(i));
    const sent = both.ours.send(i);
    if (i % 7 === 0) assert.equal(await sent, true);
  }
  await both.ours.finish();
  assert.equal((await arrived).toHex(), concat(...frames).toHex());
});

Deno.test("a message may be sent in answer after the other side has closed its half", async () => {
  using both = await pair();
  await writeAll(both.theirs, encodeFrame("question"));
  await both.theirs.closeWrite();
  assert.deepEqual(await receiveAll(both.ours), ["question"]);
  assert.equal(await both.ours.send("answer"), true);
  both.ours.close();
  assert.equal((await readToEnd(both.theirs)).toHex(), encodeFrame("answer").toHex());
});

Deno.test("binaries of earlier messages stay as they were", async () => {
  using both = await pair();
  await writeAll(
    both.theirs,
    concat(encodeFrame(Uint8Array.of(1, 2)), encodeFrame(Uint8Array.of(3))),
  );
  const first = await both.ours.receive();
  await both.ours.receive();
  await writeAll(both.theirs, encodeFrame(new Uint8Array(1000).fill(9)));
  await both.ours.receive();
  assert.deepEqual(first, Uint8Array.of(1, 2));
});

Deno.test("a frame that breaks the rules ends the connection and is counted, after those before it", async () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["length 0", new Uint8Array(4), /^malformed: A frame announces 0 bytes$/],
    ["oversize", Uint8Array.of(0, 0, 1, 1), /^malformed: A frame announces 257 bytes/],
    ["http", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), /announces 1195725856 bytes/],
    ["not msgpack", Uint8Array.of(0, 0, 0, 1, 0xc1), /^malformed: Byte 0: 0xc1 is never used$/],
    ["two values", Uint8Array.of(0, 0, 0, 2, 1, 1), /^malformed: Byte 1: the value ends here/],
    ["an extension", Uint8Array.of(0, 0, 0, 3, 0xd4, 0x72, 0x40), /extension types are refused/],
  ];
  for (const [name, bytes, reason] of cases) {
    using both = await pair({ maxFrameBytes: 256 });
    await writeAll(both.theirs, concat(encodeFrame("before"), bytes, encodeFrame("after")));
    assert.deepEqual(await receiveAll(both.ours), ["before"], name);
    assert.match(both.ours.ending ?? "", reason, name);
    assert.equal(both.ours.malformed, true, name);
    assert.equal(await both.ours.send("late"), false);
  }
});

Deno.test("a frame cut off by the end of the connection is malformed", async () => {
  for (const length of [1, 3, 4, 5]) {
    using both = await pair();
    await writeAll(both.theirs, encodeFrame("hello").subarray(0, length));
    both.theirs.close();
    assert.equal(await both.ours.receive(), undefined);
    assert.equal(both.ours.ending, "malformed: it ended in the middle of a frame");
    assert.equal(both.ours.malformed, true);
  }
});

Deno.test("random bytes end the connection or are messages, and nothing throws", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      using both = await pair();
      await writeAll(both.theirs, bytes);
      await both.theirs.closeWrite();
      await receiveAll(both.ours);
      assert.notEqual(both.ours.ending, null);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a client that says nothing is cut off by its deadline", async () => {
  using both = await pair({ deadlineMs: 20 });
  assert.equal(await both.ours.receive(), undefined);
  assert.equal(both.ours.ending, "no message came within 20 ms");
  assert.equal((await readToEnd(both.theirs)).length, 0);
});

Deno.test("a client that sends a byte now and then is cut off by its deadline", async () => {
  using both = await pair({ deadlineMs: 100 });
  let cut = false;
  const drip = (async () => {
    try {
      // So many that they would never all come in time.
      for (const byte of encodeFrame("x".repeat(1_000_000))) {
        if (cut) return;
        await writeAll(both.theirs, Uint8Array.of(byte));
      }
    } catch {
      // Cut off, as it should be.
    }
  })();
  assert.equal(await both.ours.receive(), undefined);
  cut = true;
  assert.equal(both.ours.ending, "no message came within 100 ms");
  await drip;
});

Deno.test("the deadline counts from when a message is awaited, not while one is being handled", async () => {
  using both = await pair({ deadlineMs: 500 });
  await writeAll(both.theirs, concat(encodeFrame(1), encodeFrame(2)));
  assert.equal(await both.ours.receive(), 1);
  using slower = await pair({ deadlineMs: 600 });
  await slower.ours.receive(); // Handling beyond the deadline: when this one is cut off, it is over.
  assert.equal(await both.ours.receive(), 2);
  assert.equal(both.ours.ending, null);
});

Deno.test("a client that doesn't read what is sent to it is cut off by its deadline", async () => {
  using both = await pair({ deadlineMs: 50 });
  const large = new Uint8Array(1_000_000);
  let sent = 0;
  while (await both.ours.send(large)) sent++;
  assert.ok(sent < 100);
  assert.equal(both.ours.ending, "it read nothing within 50 ms");
});

Deno.test("a queue that nobody empties is bounded: the connection is closed", async () => {
  using both = await pair({ maxQueuedBytes: 5_100_000 });
  const sends: Promise<boolean>[] = [];
  for (let i = 0; i < 100 && both.ours.ending === null; i++) {
    sends.push(both.ours.send(new Uint8Array(1_000_000)));
  }
  assert.equal(
    sends.length,
    6,
    "five fit, the sixth doesn't: nothing can be written within this turn",
  );
  assert.match(both.ours.ending ?? "", /left more than 5100000 bytes unread/);
  assert.equal((await Promise.all(sends)).at(-1), false);
});

Deno.test("a single message larger than the queue's limit is sent", async () => {
  using both = await pair({ maxQueuedBytes: 10 });
  const arrived = readToEnd(both.theirs);
  assert.equal(await both.ours.send("x".repeat(1000)), true);
  both.ours.close();
  assert.equal((await arrived).length, 4 + 3 + 1000);
});

Deno.test("closing ends what waits to be received and to be sent", async () => {
  using both = await pair();
  const received = both.ours.receive();
  const sends = Array.from({ length: 10 }, () => both.ours.send(new Uint8Array(1_000_000)));
  both.ours.close();
  both.ours.close();
  assert.equal(await received, undefined);
  assert.equal((await Promise.all(sends)).includes(false), true);
  assert.equal(both.ours.ending, "closed here");
  assert.equal(await both.ours.send("late"), false);
  assert.equal(await both.ours.receive(), undefined);
});

Deno.test("a reset by the other side ends the connection like any other end", async () => {
  using both = await pair();
  await both.ours.send("unread");
  // Closing with unread bytes makes the system send a reset.
  both.theirs.close();
  assert.equal(await both.ours.receive(), undefined);
  assert.match(both.ours.ending ?? "", /^(closed by the other side|connection reset by peer)$/);
  while (await both.ours.send(new Uint8Array(100_000)));
  assert.equal(both.ours.malformed, false);
});

Deno.test("what is rejected gets its answer, and nothing more is received", async () => {
  using both = await pair();
  await writeAll(both.theirs, concat(encodeFrame("nonsense"), encodeFrame("more")));
  assert.equal(await both.ours.receive(), "nonsense");
  void both.ours.send("no");
  await both.ours.reject("nonsense isn't a request");
  assert.equal(await both.ours.receive(), undefined);
  assert.equal(both.ours.malformed, true);
  assert.equal(both.ours.ending, "nonsense isn't a request");
});

Deno.test("a connection has one reader", async () => {
  using both = await pair();
  const first = both.ours.receive();
  await assert.rejects(both.ours.receive(), /being read already/);
  both.theirs.close();
  assert.equal(await first, undefined);
});

Deno.test("a message that can't be encoded is the caller's mistake, and the connection goes on", async () => {
  using both = await pair({ maxFrameBytes: 100 });
  assert.throws(() => void both.ours.send(new Date()), TypeError);
  assert.throws(() => void both.ours.send("x".repeat(200)), RangeError);
  assert.equal(await both.ours.send("ok"), true);
});

Deno.test("both ends know each other's address, on IPv6 too", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    using both = await pair({}, { hostname, port: 0 });
    assert.deepEqual(both.ours.remote, { host: hostname, port: both.theirs.localAddr.port });
    assert.deepEqual(both.ours.local, { host: hostname, port: both.theirs.remoteAddr.port });
  }
});
