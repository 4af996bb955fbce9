import assert from "node:assert/strict";
import { Payloads } from "../../src/hosts/payload.ts";
import {
  Frame,
  MAX_FRAGMENTS,
  MAX_GAPS,
  MAX_GROUP_SIZE,
  MAX_MESSAGE_BYTES,
  MAX_POSITIONS,
  MAX_SEQ,
  MAX_TIME,
  MAX_TIME_JUMP,
  SegmentKind,
} from "../../src/protocols/frame.ts";
import { writePositions } from "../../src/protocols/positions.ts";
import {
  MAX_INTERVAL_MS,
  MAX_LOG_EVENTS,
  MAX_MESSAGES,
  MAX_PAYLOAD_BYTES,
} from "../../src/wire/control_messages.ts";
import { MAX_DATAGRAM_BYTES } from "../../src/wire/datagram_writer.ts";
import { encodeFrame, MAX_FRAME_BYTES } from "../../src/wire/framing.ts";
import { MAX_MEMBERS } from "../../src/wire/manager_messages.ts";
import { decodeValue } from "../../src/wire/msgpack.ts";
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
  stopPayload,
  text,
} from "../wire/datagram_fixture.ts";
import { CHAT_EXAMPLES } from "./chat_examples.ts";
import { GOSSIP_EXAMPLES } from "./gossip_examples.ts";
import { PERSISTENT_FRAMES } from "./persistent_examples.ts";
import { counts, exampleBytes, exampleLine, examples, limit } from "./protocol_md.ts";
import { RING_EXAMPLES } from "./ring_examples.ts";

/** What the examples of datagrams say they are. */
const DATAGRAMS: Record<string, Frame> = {
  hello: helloFrame(1000.5, -1, 1, 1),
  answer: helloFrame(52.25, 1000.5, 2, 0),
  message: dataFrame({ clock: 1, acks: [0, 1, 0], segments: [[1, 0, text("hi")]] }),
  acknowledgement: dataFrame({ from: 2, clock: 2, sent: 0, acks: [0, 1, 0] }),
  request: dataFrame({
    from: 2,
    flags: 1,
    clock: 300,
    sent: 0,
    acks: [0, 2, 0],
    gaps: [3, 3, 5, 9],
    firstSeq: 0,
  }),
  fragments: dataFrame({
    clock: 300,
    acks: [4, 10, 0],
    firstSeq: 8,
    segments: [[296, 1, text("frag")], [297, 0, text("ments")], [299, 2, stopPayload(8)]],
  }),
  done: dataFrame({ from: 0, flags: 2, clock: 304, sent: 4, acks: [4, 10, 1], firstSeq: 5 }),
  clock: dataFrame({
    acks: [17, 5, 300],
    firstSeq: 4,
    segments: [[0, 3, writePositions([[0, 17], [2, 300]])], [0, 0, text("hi")]],
  }),
  places: dataFrame({
    from: 0,
    acks: [12, 5, 9],
    firstSeq: 12,
    segments: [[0, 3, writePositions([[1, 5], [2, 9]])]],
  }),
  loose: looseFrame(17, text("best effort")),
};

const ADDRESS = { host: "10.0.0.7", port: 40001 };

/** What the examples of TCP frames say they are. */
const TCP_FRAMES: Record<string, object> = {
  register: {
    type: "register",
    name: "ada",
    udp: ADDRESS,
    control: { ...ADDRESS, port: 40002 },
    region: null,
  },
  registered: { type: "registered", lease: "L1", leaseMs: 10_000 },
  list: { type: "list" },
  ...PERSISTENT_FRAMES,
};

for (const [name, frame] of Object.entries(DATAGRAMS)) {
  Deno.test(`docs/PROTOCOL.md: the datagram "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(datagramsOf(frame)[0]!.toHex(), bytes.toHex());
    assert.deepEqual(decodeValue(bytes), decoded(documentedArray(frame)));
    const highestKind = Math.max(SegmentKind.stop, ...frame.kinds);
    const [reading, copy] = read(bytes, { self: frame.from === 0 ? 1 : 0, highestKind });
    assert.equal(reading, "frame");
    assert.deepEqual(fieldsOf(copy), fieldsOf(frame));
  });
}

for (const [name, message] of Object.entries(TCP_FRAMES)) {
  Deno.test(`docs/PROTOCOL.md: the frame "${name}" is what mpcomm writes and reads`, () => {
    const bytes = exampleBytes(name);
    assert.equal(encodeFrame(message).toHex(), bytes.toHex());
    assert.deepEqual(decodeValue(bytes.subarray(4)), message);
  });
}

Deno.test("docs/PROTOCOL.md: the example of a payload follows from the text", () => {
  const line = exampleLine("text");
  assert.equal(line.length, 73, "the page says mod 73");
  const head = "3:17 ";
  const expected = head + line.repeat(3).slice((7 * 3 + 17) % 73).slice(0, 40 - head.length);
  assert.equal(exampleLine("payload"), expected);
  assert.equal(new TextDecoder().decode(new Payloads(40).make(3, 17)), expected);
});

Deno.test("docs/PROTOCOL.md: no example goes unchecked", () => {
  const binary = [...Object.keys(DATAGRAMS), ...Object.keys(TCP_FRAMES), ...CHAT_EXAMPLES];
  const checked = [...binary, ...RING_EXAMPLES, ...GOSSIP_EXAMPLES, "text", "payload"];
  assert.deepEqual([...examples.keys()].sort(), checked.sort());
  assert.equal(counts.announced, checked.length);
  assert.equal(counts.blocks, checked.length + 2, "all blocks but the drawings of sessions");
});

Deno.test("docs/PROTOCOL.md: the limits are those of the program", () => {
  const limits: [label: string, value: number][] = [
    ["datagram", MAX_DATAGRAM_BYTES],
    ["message", MAX_MESSAGE_BYTES],
    ["message", MAX_PAYLOAD_BYTES],
    ["fragments in `none`", MAX_FRAGMENTS],
    ["logical time", MAX_TIME],
    ["clock above the receiver's own", MAX_TIME_JUMP],
    ["segments of a process in a run", MAX_SEQ],
    ["gaps in a datagram", MAX_GAPS],
    ["positions in a segment", MAX_POSITIONS],
    ["processes in a run", MAX_GROUP_SIZE],
    ["members of a group manager", MAX_MEMBERS],
    ["messages of a process in a run", MAX_MESSAGES],
    ["pause between two multicasts", MAX_INTERVAL_MS],
    ["frame over TCP", MAX_FRAME_BYTES],
    ["events in a `log`", MAX_LOG_EVENTS],
  ];
  for (const [label, value] of limits) assert.equal(limit(label), value, label);
});

Deno.test("docs/PROTOCOL.md: the run of the examples is the number that the page names", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));
  assert.ok(page.includes(`\`run\` is ${RUN.toLocaleString("en-US")} `));
});
