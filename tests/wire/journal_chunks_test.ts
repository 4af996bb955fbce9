import assert from "node:assert/strict";
import fc from "fast-check";
import { Journal } from "../../src/history/journal.ts";
import { decodeControlReply, type Log, MAX_LOG_EVENTS } from "../../src/wire/control_messages.ts";
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import { appendChunk, journalChunks } from "../../src/wire/journal_chunks.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";

const limits = { processes: 3, maxEvents: 1_000_000 };

/** Sends a journal through frames, as to another machine. */
function travel(journal: Journal): Journal {
  const copy = new Journal(journal.process);
  const reader = new FrameReader();
  for (const chunk of journalChunks(journal)) {
    const frame = encodeFrame(chunk);
    assert.ok(frame.length < MAX_FRAME_BYTES / 4);
    reader.push(frame);
    const reply = decodeControlReply(decodeValue(reader.read()!));
    assert.equal(reply.type, "log");
    appendChunk(copy, reply as Log, limits);
  }
  return copy;
}

/** A chunk with one delivery, some of it changed. */
function chunk(change: Partial<Record<string, number>> = {}): Log {
  const event = { kind: 2, sender: 0, seq: 1, time: 5, at: 1.7e12, size: -1, ...change };
  const journal = new Journal(1);
  journal.append(event.kind, event.sender, event.seq, event.time, event.at, event.size);
  return [...journalChunks(journal)][0]!;
}

Deno.test("an empty journal is sent as no chunk at all", () => {
  assert.deepEqual([...journalChunks(new Journal(0))], []);
});

Deno.test("journals of every length around the chunk's come back as they were", () => {
  const around = [1, 2, MAX_LOG_EVENTS - 1, MAX_LOG_EVENTS, MAX_LOG_EVENTS + 1, 3 * MAX_LOG_EVENTS];
  for (const length of around) {
    const journal = new Journal(1);
    for (let i = 1; i <= length; i++) {
      if (i % 3 === 0) journal.multicast(i, i, 1.7e12 + i / 10, i % 1000);
      else if (i % 3 === 1) journal.receive(2, 2 ** 32 - i, NaN, NaN);
      else journal.deliver(0, i, 2 ** 53 - i, 0);
    }
    assert.deepEqual(travel(journal).columns(), journal.columns());
  }
});

Deno.test("any journal comes back as it was", () => {
  const event = fc.record({
    kind: fc.constantFrom(0, 1, 2),
    sender: fc.nat(2),
    seq: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    time: fc.oneof(fc.maxSafeNat(), fc.constant(NaN)),
    at: fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constant(NaN)),
    size: fc.integer({ min: -1, max: 1_048_576 }),
  });
  fc.assert(fc.property(fc.array(event), (events) => {
    const journal = new Journal(2);
    for (const { kind, sender, seq, time, at, size } of events) {
      journal.append(kind, kind === 0 ? 2 : sender, seq, time, at, size);
    }
    assert.deepEqual(travel(journal).columns(), journal.columns());
  }));
});

Deno.test("columns travel as little-endian bytes", () => {
  const { kind, sender, seq, time, at, size } = chunk({ sender: 2, seq: 258, time: 1, at: NaN });
  assert.equal(kind.toHex(), "02");
  assert.equal(sender.toHex(), "02000000");
  assert.equal(seq.toHex(), "02010000");
  assert.equal(time.toHex(), "000000000000f03f");
  assert.equal(at.toHex(), "000000000000f87f");
  assert.equal(size.toHex(), "ffffffff");
});

Deno.test("an impossible event is refused with the whole chunk, and its column is named", () => {
  const cases: [Partial<Record<string, number>>, string][] = [
    [{ kind: 3 }, "Column kind of event 0 must be 0, 1 or 2"],
    [{ sender: 3 }, "Column sender of event 0 must be below 3"],
    [{ kind: 0, sender: 2 }, "Column sender of event 0 must be 1: the process itself multicast"],
    [{ seq: 0 }, "Column seq of event 0 must be counted from 1"],
    [{ time: -1 }, "Column time of event 0 must be a logical time"],
    [{ time: 0.5 }, "Column time of event 0 must be a logical time"],
    [{ time: 2 ** 53 }, "Column time of event 0 must be a logical time"],
    [{ time: Infinity }, "Column time of event 0 must be a logical time"],
    [{ at: -1 }, "Column at of event 0 must be milliseconds"],
    [{ at: Infinity }, "Column at of event 0 must be milliseconds"],
    [{ size: -2 }, "Column size of event 0 must be from -1 to 1048576"],
    [{ size: 1_048_577 }, "Column size of event 0 must be from -1 to 1048576"],
  ];
  for (const [change, message] of cases) {
    const journal = new Journal(1);
    assert.throws(
      () => appendChunk(journal, chunk(change), limits),
      (error) => error instanceof TypeError && error.message.startsWith(message),
      message,
    );
    assert.equal(journal.length, 0);
  }
  appendChunk(new Journal(1), chunk(), limits);
});

Deno.test("columns of different lengths are refused", () => {
  for (const name of ["sender", "seq", "time", "at", "size"] as const) {
    const good = chunk();
    for (const length of [0, good[name].length - 1, good[name].length + 1]) {
      assert.throws(
        () => appendChunk(new Journal(1), { ...good, [name]: new Uint8Array(length) }, limits),
        new RegExp(`^TypeError: Column ${name} has ${length} bytes, 1 events need`),
      );
    }
  }
});

Deno.test("a log has a limit", () => {
  const journal = new Journal(1);
  const two = { processes: 3, maxEvents: 2 };
  appendChunk(journal, chunk(), two);
  appendChunk(journal, chunk(), two);
  assert.throws(() => appendChunk(journal, chunk(), two), /must not have more than 2 events/);
  assert.equal(journal.length, 2);
});

Deno.test("random bytes in the columns are appended or refused, never half", () => {
  const column = (width: number) => fc.uint8Array({ minLength: 4 * width, maxLength: 4 * width });
  const random = fc.record({
    type: fc.constant("log" as const),
    kind: column(1),
    sender: column(4),
    seq: column(4),
    time: column(8),
    at: column(8),
    size: column(4),
  });
  fc.assert(fc.property(random, (log) => {
    const journal = new Journal(1);
    try {
      appendChunk(journal, log, limits);
      assert.equal(journal.length, 4);
    } catch (error) {
      assert.ok(error instanceof TypeError);
      assert.equal(journal.length, 0);
    }
  }));
});
