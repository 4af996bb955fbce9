import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Frame,
  FrameKind,
  MAX_FRAGMENTS,
  MAX_GAPS,
  MAX_GROUP_SIZE,
  MAX_POSITIONS,
  MAX_SEQ,
  MAX_TIME,
  SegmentKind,
} from "../../src/protocols/frame.ts";
import { writePositions } from "../../src/protocols/positions.ts";
import { DatagramReader } from "../../src/wire/datagram_reader.ts";
import { DatagramWriter, headerBytes, MAX_DATAGRAM_BYTES } from "../../src/wire/datagram_writer.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
import { type Value, widest, writeMsgpack } from "./any_msgpack.ts";
import {
  dataFrame,
  datagramsOf,
  decoded,
  documentedArray,
  fieldsOf,
  helloFrame,
  looseFrame,
  read,
  RUN,
  type Segment,
  stopPayload,
  text,
} from "./datagram_fixture.ts";

/** A reader of an order whose segments may speak of it. */
const ORDERED = { highestKind: SegmentKind.order };

const FRAMES: Record<string, Frame> = {
  "a first hello": helloFrame(1000.5, -1, 1),
  "an answer to a hello": helloFrame(1021.25, 1000.5, 2, 2),
  "a bare acknowledgement": dataFrame({ clock: 12, sent: 7, acks: [1, 7, 3], firstSeq: 8 }),
  "a message": dataFrame({ clock: 2, segments: [[1, 0, text("hi")]], flags: 3 }),
  "a message in fragments, and the stop marker": dataFrame({
    clock: 12,
    acks: [4, 10, 0],
    firstSeq: 8,
    segments: [[9, 1, text("frag")], [10, 0, text("ments")], [12, 2, stopPayload(1)]],
  }),
  "segments with one stamp, which is the clock": dataFrame({
    clock: 7,
    segments: [[7, 1, text("a")], [7, 0, text("b")]],
  }),
  "a request for two gaps": dataFrame({ sent: 3, gaps: [3, 3, 5, 9], firstSeq: 4, flags: 1 }),
  "a clock of two entries, and the message behind it": dataFrame({
    firstSeq: 4,
    segments: [[0, 3, writePositions([[0, 17], [2, 300]])], [0, 0, text("hi")]],
  }),
  "a place in the order": dataFrame({ segments: [[0, 3, writePositions([[2, 1]])]] }),
  "as many positions as there may be": dataFrame({
    segments: [[0, 3, writePositions(Array.from({ length: MAX_POSITIONS }, () => [2, MAX_SEQ]))]],
  }),
  "a loose message": looseFrame(17, text("loose")),
  "a loose fragment": looseFrame(17, text("loose"), 2, 5),
  "a loose message without a byte": looseFrame(1, new Uint8Array(0)),
  "the highest numbers": dataFrame({
    clock: MAX_TIME,
    sent: MAX_SEQ,
    acks: [MAX_SEQ, MAX_SEQ, MAX_SEQ],
    gaps: [1, MAX_SEQ, MAX_SEQ, MAX_SEQ],
    firstSeq: MAX_SEQ,
    segments: [[MAX_TIME, 2, stopPayload(MAX_SEQ)]],
  }),
  "the highest loose number": looseFrame(MAX_SEQ, text("!"), MAX_FRAGMENTS - 1, MAX_FRAGMENTS),
  "as many gaps as there may be": dataFrame({
    gaps: Array.from({ length: 2 * MAX_GAPS }, (_, i) => MAX_SEQ - 1000 + i),
  }),
};

for (const [name, frame] of Object.entries(FRAMES)) {
  Deno.test(`${name} is written as documented, in standard msgpack, and read again`, () => {
    const [datagram, ...more] = datagramsOf(frame);
    assert.equal(more.length, 0);
    assert.deepEqual(decodeValue(datagram!), decoded(documentedArray(frame)));
    const [reading, copy] = read(datagram!, ORDERED);
    assert.equal(reading, "frame");
    assert.deepEqual(fieldsOf(copy), fieldsOf(frame));
  });

  Deno.test(`${name} is read from any writer's widths`, () => {
    const array = documentedArray(frame);
    assert.deepEqual(fieldsOf(readOk(writeMsgpack(array))), fieldsOf(frame));
    assert.deepEqual(fieldsOf(readOk(writeMsgpack(array, widest))), fieldsOf(frame));
    fc.assert(fc.property(fc.infiniteStream(fc.nat()), (choices) => {
      const bytes = writeMsgpack(array, (widths) => widths[choices.next().value! % widths.length]!);
      assert.deepEqual(fieldsOf(readOk(bytes)), fieldsOf(frame));
    }));
  });
}

function readOk(bytes: Uint8Array): Frame {
  const [reading, frame] = read(bytes, ORDERED);
  assert.equal(reading, "frame");
  return frame;
}

Deno.test("numbers come back around every width's limit", () => {
  const limits = [8, 16, 32, 48].flatMap((bits) => [2 ** bits - 2, 2 ** bits - 1]);
  for (const value of [0, 1, 127, 128, ...limits, ...limits.map((limit) => limit + 2)]) {
    if (value > MAX_TIME) continue;
    const seq = Math.min(Math.max(value, 1), MAX_SEQ);
    const frame = dataFrame({
      clock: value,
      sent: seq,
      acks: [seq, 0, seq],
      gaps: [seq, seq],
      firstSeq: seq,
      segments: [[value, 0, text("x")]],
    });
    const run = Math.max(value, 1);
    const [datagram] = datagramsOf(frame, 1400, run);
    const [reading, copy] = read(datagram!, { run });
    assert.equal(reading, "frame", `${value}`);
    // Nothing could be shorter, but the count of segments, which is written when they are.
    assert.equal(datagram!.length, writeMsgpack(documentedArray(frame, run)).length + 2);
    assert.deepEqual(fieldsOf(copy), fieldsOf(frame));
  }
});

Deno.test("payloads come back around every size's limit", () => {
  for (const size of [0, 1, 254, 255, 256, 1023, 1024, 1025, 1472, 1473, 65_000, 65_400]) {
    const payload = Uint8Array.from({ length: size }, (_, i) => i * 7);
    for (const frame of [dataFrame({ segments: [[1, 0, payload]] }), looseFrame(1, payload)]) {
      const [datagram, ...more] = datagramsOf(frame);
      assert.equal(more.length, 0, `${size} bytes in one datagram`);
      assert.deepEqual(fieldsOf(readOk(datagram!)), fieldsOf(frame));
    }
  }
});

Deno.test("what fits into no datagram is refused, and the writer goes on", () => {
  const writer = new DatagramWriter(RUN, 1400);
  const written: Uint8Array[] = [];
  const transmit = (bytes: Uint8Array) => void written.push(bytes.slice());
  for (const size of [MAX_DATAGRAM_BYTES, 65_535, 65_536, 2 ** 20]) {
    const payload = new Uint8Array(size);
    const expected = {
      name: "RangeError",
      message: `A segment of ${size} bytes does not fit into a datagram`,
    };
    assert.throws(
      () => writer.write(dataFrame({ segments: [[1, 0, payload]] }), transmit),
      expected,
    );
    assert.throws(() => writer.write(looseFrame(1, payload), transmit), expected);
  }
  assert.deepEqual(written, []);
  writer.write(looseFrame(1, text("small")), transmit);
  assert.deepEqual(fieldsOf(readOk(written[0]!)), fieldsOf(looseFrame(1, text("small"))));
});

Deno.test("a fragment of the largest size leaves room for the largest header", () => {
  for (const size of [1, 2, 3, 15, 16, 100, 200]) {
    const fragmentBytes = 1400 - headerBytes(size);
    const frame = dataFrame({
      from: size - 1,
      clock: MAX_TIME,
      sent: MAX_SEQ,
      acks: new Array(size).fill(MAX_SEQ),
      firstSeq: MAX_SEQ,
      segments: [[MAX_TIME, 1, new Uint8Array(fragmentBytes)]],
    });
    for (const datagram of datagramsOf(frame, 1400, 2 ** 53 - 1)) {
      assert.ok(datagram.length <= 1400, `${datagram.length} bytes in a group of ${size}`);
    }
    const fragment = new Uint8Array(fragmentBytes);
    const loose = looseFrame(MAX_SEQ, fragment, MAX_FRAGMENTS - 1, MAX_FRAGMENTS);
    assert.ok(datagramsOf(loose, 1400, 2 ** 53 - 1)[0]!.length <= 1400);
  }
});

Deno.test("a frame of many segments is cut into datagrams without a gap between them", () => {
  const segment = fc.tuple(
    fc.integer({ min: 0, max: MAX_TIME }),
    fc.integer({ min: 0, max: 1 }),
    fc.uint8Array({ maxLength: 300 }),
  );
  const arbitrary = fc.record({
    size: fc.integer({ min: 2, max: 40 }),
    maxDatagramBytes: fc.integer({ min: 300, max: 4000 }),
    firstSeq: fc.integer({ min: 1, max: MAX_SEQ - 100 }),
    unsorted: fc.array(segment, { maxLength: 60, size: "max" }) as fc.Arbitrary<Segment[]>,
    gapCount: fc.integer({ min: 0, max: 10 }),
  });
  fc.assert(fc.property(arbitrary, (options) => {
    const { size, maxDatagramBytes, firstSeq, unsorted, gapCount } = options;
    const segments = unsorted.toSorted(([a], [b]) => a - b);
    const acks = Array.from({ length: size }, (_, p) => p * 1000);
    const gaps = Array.from({ length: 2 * gapCount }, (_, i) => i + 1);
    const frame = dataFrame({ clock: MAX_TIME, acks, gaps, firstSeq, segments });

    let next = firstSeq;
    const found: Segment[] = [];
    for (const [i, datagram] of datagramsOf(frame, maxDatagramBytes).entries()) {
      const [reading, part] = read(datagram, { size });
      assert.equal(reading, "frame");
      assert.deepEqual(decodeValue(datagram), decoded(documentedArray(part)));
      assert.equal(part.firstSeq, next);
      assert.equal(part.sent, frame.sent);
      assert.deepEqual([...part.acks], acks);
      assert.deepEqual(part.gaps, i === 0 ? gaps : []);
      assert.ok(datagram.length <= maxDatagramBytes || part.times.length <= 1);
      part.times.forEach((time, k) => found.push([time, part.kinds[k]!, part.payloads[k]!]));
      next += part.times.length;
    }
    assert.deepEqual(found, segments);
  }));
});

Deno.test("datagrams are filled: one more segment would not have fitted", () => {
  const segments = Array.from({ length: 500 }, (): Segment => [MAX_TIME, 0, new Uint8Array(50)]);
  const datagrams = datagramsOf(dataFrame({ segments }), 1400);
  for (const datagram of datagrams.slice(0, -1)) {
    // A segment has 15 bytes beside its payload at most, 12 here.
    assert.ok(datagram.length > 1400 - 65 && datagram.length <= 1400, `${datagram.length} bytes`);
  }
});

Deno.test("a reader leaves nothing of one datagram in the next", () => {
  const reader = new DatagramReader(RUN, 0, 3, SegmentKind.order);
  const frame = new Frame(3);
  const sequence = [...Object.values(FRAMES), ...Object.values(FRAMES).reverse()];
  for (const next of sequence) {
    const datagram = datagramsOf(next)[0]!;
    assert.equal(reader.read(datagram.subarray(0, datagram.length - 1), frame), "malformed");
    assert.equal(reader.read(datagram, frame), "frame");
    assert.deepEqual(fieldsOf(frame), fieldsOf(next));
  }
});

Deno.test("payloads are views of the datagram, wherever in memory that lies", () => {
  const datagram = datagramsOf(dataFrame({ segments: [[1, 0, text("hello")]] }))[0]!;
  const block = new Uint8Array(100 + datagram.length + 100).fill(0xff);
  block.set(datagram, 100);
  const [reading, frame] = read(block.subarray(100, 100 + datagram.length));
  assert.equal(reading, "frame");
  assert.equal(frame.payloads[0]!.buffer, block.buffer);
  assert.deepEqual(frame.payloads[0], text("hello"));
});

Deno.test("the largest group fits", () => {
  const acks = Array.from({ length: MAX_GROUP_SIZE }, () => MAX_SEQ);
  const frame = dataFrame({ from: MAX_GROUP_SIZE - 1, acks, segments: [[1, 0, text("x")]] });
  const [reading, copy] = read(datagramsOf(frame)[0]!, { size: MAX_GROUP_SIZE });
  assert.equal(reading, "frame");
  assert.deepEqual(fieldsOf(copy), fieldsOf(frame));
});

Deno.test("a datagram's first byte tells its kind", () => {
  const elements: Record<string, number> = {};
  for (const [name, kind] of Object.entries(FrameKind)) {
    const frame = Object.values(FRAMES).find((frame) => frame.kind === kind)!;
    elements[name] = (decodeValue(datagramsOf(frame)[0]!) as Value[]).length;
  }
  assert.deepEqual(elements, { hello: 7, data: 11, loose: 9 });
});
