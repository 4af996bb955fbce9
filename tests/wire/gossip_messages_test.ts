import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type GossipBody,
  MAX_MEMBERS,
  MAX_RUMOR_BYTES,
} from "../../src/protocols/gossip/messages.ts";
import { MAX_RUNS } from "../../src/protocols/gossip/seen_rumors.ts";
import { isChatDatagram } from "../../src/wire/chat_messages.ts";
import {
  decodeGossip,
  encodeGossip,
  GossipKind,
  MAX_GOSSIP_BYTES,
  MAX_GOSSIP_ENTRIES,
  MAX_HOPS,
  MAX_NODE_NAME,
  readGossip,
} from "../../src/wire/gossip_messages.ts";
import { decodeValue, encodeValue } from "../../src/wire/msgpack.ts";
import { RingDatagramKind } from "../../src/wire/ring_datagrams.ts";
import { ENVELOPE, gossip, GOSSIP_BODIES } from "./gossip_fixture.ts";

const BODIES: readonly GossipBody[] = Object.values(GOSSIP_BODIES);
const VALID = BODIES.map((body) => encodeGossip(gossip(body)));
const MAX = Number.MAX_SAFE_INTEGER;

for (const body of BODIES) {
  Deno.test(`a gossip network's ${body.type} is read as it was written`, () => {
    const bytes = encodeGossip(gossip(body));
    assert.deepEqual(decodeGossip(bytes), gossip(body));
    assert.deepEqual(readGossip(decodeValue(bytes)), gossip(body));
  });
}

Deno.test("a message stays as it is when the next one is written", () => {
  const first = encodeGossip(gossip(GOSSIP_BODIES.ack));
  const hex = first.toHex();
  encodeGossip(gossip(GOSSIP_BODIES.welcome));
  assert.equal(first.toHex(), hex);
});

Deno.test("the largest that a node may have to say is read as it was written, and fits", () => {
  const name = "𝒜".repeat(MAX_NODE_NAME);
  const member = (i: number) => ({
    name: `${"𝒜".repeat(MAX_NODE_NAME - 4)}${1000 + i}`,
    address: `${"h".repeat(253)}:65535`,
    incarnation: MAX - i,
    state: "dead" as const,
  });
  const rumor = { origin: name, run: MAX, seq: MAX, hops: MAX_HOPS, wantsReceipt: true };
  const large: GossipBody[] = [
    { type: "push", rumors: [{ ...rumor, text: "x".repeat(MAX_RUMOR_BYTES) }] },
    { type: "push", rumors: [{ ...rumor, text: "€".repeat(Math.floor(MAX_RUMOR_BYTES / 3)) }] },
    { type: "welcome", members: Array.from({ length: MAX_MEMBERS }, (_, i) => member(i)) },
    {
      type: "digest",
      entries: Array.from({ length: MAX_RUNS }, (_, i) => ({
        ...{ origin: name, run: MAX - i, pieces: [[1, MAX] as const] },
      })),
      isQuestion: false,
    },
  ];
  for (const body of large) {
    const bytes = encodeGossip(gossip(body, { ...ENVELOPE, from: member(0) }));
    assert.ok(bytes.length <= MAX_GOSSIP_BYTES, `${body.type}: ${bytes.length}`);
    assert.deepEqual(decodeGossip(bytes), gossip(body, { ...ENVELOPE, from: member(0) }));
  }
});

Deno.test("hops are counted up to a limit, and a rumor goes on beyond it", () => {
  const rumor = GOSSIP_BODIES.push.rumors[0]!;
  const far = { ...rumor, hops: MAX_HOPS + 1 };
  for (const type of ["push", "supply"] as const) {
    const message = gossip({ ...GOSSIP_BODIES[type], rumors: [far] });
    const read = decodeGossip(encodeGossip(message));
    assert.ok(read?.type === type);
    assert.deepEqual(read.rumors, [{ ...rumor, hops: MAX_HOPS }]);
  }
  const receipt = gossip({ ...GOSSIP_BODIES.receipt, hops: MAX_HOPS + 1 });
  const read = decodeGossip(encodeGossip(receipt));
  assert.ok(read?.type === "receipt" && read.hops === MAX_HOPS);
});

Deno.test("no other protocol takes a gossip network's messages, nor the other way round", () => {
  const others: number[] = [0, 1, 2, 8, 9, ...Object.values(RingDatagramKind)];
  for (const kind of Object.values(GossipKind)) assert.ok(!others.includes(kind));
  for (const bytes of VALID) assert.ok(!isChatDatagram(bytes));
});

/** A message with some elements replaced: format and kind are 0 and 1, the sender 2 to 5, news 6. */
function forged(type: GossipBody["type"], changes: Record<number, unknown>): Uint8Array {
  const values = decodeValue(encodeGossip(gossip(GOSSIP_BODIES[type]))) as unknown[];
  return encodeValue(values.map((value, i) => i in changes ? changes[i] : value)).slice();
}

/** A rumor as it stands in an array of them, with one element replaced. */
function rumorWith(at: number, value: unknown): unknown[] {
  return ["a", 1, 1, 1, true, "text"].map((element, i) => i === at ? value : element);
}

const FORGED: Record<string, Uint8Array> = {
  "no array": encodeValue({ type: "pull" }).slice(),
  "an empty array": encodeValue([]).slice(),
  "a header cut short": encodeValue([1, 34, "b", "10.0.0.8:7001", 1, 0]).slice(),
  "format 2": forged("pull", { 0: 2 }),
  "kind 44": forged("pull", { 1: 44 }),
  "a kind that is text": forged("pull", { 1: "pull" }),
  "the kind of another message": forged("ack", { 1: GossipKind.pull }),
  "a name of no characters": forged("pull", { 2: "" }),
  "a name of 65 characters": forged("pull", { 2: "x".repeat(65) }),
  "a name with a space": forged("pull", { 2: "a b" }),
  "a name with a line break": forged("pull", { 2: "a\n" }),
  "a name that turns the direction of text": forged("pull", { 2: "a\u202eb" }),
  "a name that is a number": forged("pull", { 2: 7 }),
  "an address without a port": forged("pull", { 3: "10.0.0.8" }),
  "port 0": forged("pull", { 3: "10.0.0.8:0" }),
  "port 65536": forged("pull", { 3: "10.0.0.8:65536" }),
  "a port with a zero before it": forged("pull", { 3: "10.0.0.8:07001" }),
  "an address with a space": forged("pull", { 3: "10.0.0.8 :7001" }),
  "an IPv6 address without brackets": forged("pull", { 3: "::1:7001" }),
  "a host of 254 characters": forged("pull", { 3: `${"h".repeat(254)}:1` }),
  "an incarnation below 0": forged("pull", { 4: -1 }),
  "an incarnation between two": forged("pull", { 4: 1.5 }),
  "a state that there isn't": forged("pull", { 5: 4 }),
  "a state that is text": forged("pull", { 5: "alive" }),
  "news that are no array": forged("pull", { 6: 0 }),
  "news of a node and a half": forged("pull", { 6: ["c", "h:1", 1, 0, "d"] }),
  "news with a wrong name": forged("pull", { 6: ["", "h:1", 1, 0] }),
  "news of too many": forged("pull", {
    6: Array.from({ length: MAX_MEMBERS + 1 }, (_, i) => [`n${i}`, "h:1", 1, 0]).flat(),
  }),
  "a rumor and a half": forged("push", { 7: ["a", 1, 1, 1, true, "text", "b"] }),
  "a rumor of nobody": forged("push", { 7: rumorWith(0, "") }),
  "a rumor of a process below 0": forged("push", { 7: rumorWith(1, -1) }),
  "rumor 0": forged("push", { 7: rumorWith(2, 0) }),
  "hops below 0": forged("push", { 7: rumorWith(3, -1) }),
  "too many hops": forged("push", { 7: rumorWith(3, MAX_HOPS + 1) }),
  "a wish for a receipt that is a number": forged("push", { 7: rumorWith(4, 1) }),
  "a rumor that is no text": forged("push", { 7: rumorWith(5, 7) }),
  "a rumor that is too long": forged("push", { 7: rumorWith(5, "x".repeat(MAX_RUMOR_BYTES + 1)) }),
  "a rumor that is too long in bytes": forged("push", {
    7: rumorWith(5, "€".repeat(MAX_RUMOR_BYTES / 3 + 1)),
  }),
  "an offer of too many": forged("offer", {
    7: Array.from({ length: MAX_GOSSIP_ENTRIES + 1 }, (_, i) => ["a", 1, i + 1]).flat(),
  }),
  "a receipt for rumor 0": forged("receipt", { 9: 0 }),
  "a receipt after hops below 0": forged("receipt", { 10: -1 }),
  "a receipt of another kind": forged("receipt", { 11: null }),
  "a digest of no pieces": forged("digest", { 7: ["a", 1, []] }),
  "a digest of a piece and a half": forged("digest", { 7: ["a", 1, [1, 2, 4]] }),
  "a digest of a piece that is no number": forged("digest", { 7: ["a", 1, [1, "2"]] }),
  "a digest of a piece from 0": forged("digest", { 7: ["a", 1, [0, 2]] }),
  "a digest of a piece that ends before it begins": forged("digest", { 7: ["a", 1, [3, 2]] }),
  "a digest of pieces that touch": forged("digest", { 7: ["a", 1, [1, 2, 3, 4]] }),
  "a digest of pieces that overlap": forged("digest", { 7: ["a", 1, [1, 5, 3, 9]] }),
  "a digest of pieces in no order": forged("digest", { 7: ["a", 1, [7, 9, 1, 2]] }),
  "a digest of too many processes": forged("digest", {
    7: Array.from({ length: MAX_GOSSIP_ENTRIES + 1 }, (_, i) => ["a", i, [1, 1]]).flat(),
  }),
  "a question that is a number": forged("digest", { 8: 1 }),
  "a welcome to nothing": forged("welcome", { 7: null }),
  "a ping of nobody": forged("ping", { 7: "" }),
  "a probe below 0": forged("ack", { 8: -1 }),
  "a request to ping nowhere": forged("ping-request", { 8: "nowhere" }),
};

Deno.test("what is forged here is valid before", () => {
  for (const type of Object.keys(GOSSIP_BODIES) as GossipBody["type"][]) {
    assert.notEqual(decodeGossip(forged(type, {})), null);
  }
  assert.notEqual(decodeGossip(forged("push", { 7: rumorWith(0, "a") })), null);
  assert.notEqual(decodeGossip(forged("digest", { 7: ["a", 1, [1, 2, 4, 4]] })), null);
  assert.notEqual(decodeGossip(forged("pull", { 6: ["c", "h:1", 1, 0] })), null);
});

for (const [name, bytes] of Object.entries(FORGED)) {
  Deno.test(`malformed in a gossip network's message: ${name}`, () => {
    assert.equal(decodeGossip(bytes), null);
  });
}

Deno.test("of a text that is no UTF-8 no half of a character is left", () => {
  for (const around of ["", "x".repeat(1000)]) {
    const hex = forged("push", { 7: rumorWith(5, `xyz${around}`) }).toHex();
    // The three bytes that a lone surrogate would take.
    const message = decodeGossip(Uint8Array.fromHex(hex.replace("78797a", "eda080")));
    assert.ok(message?.type === "push");
    assert.equal(message.rumors[0]!.text, `\ufffd\ufffd\ufffd${around}`);
  }
});

Deno.test("a message cut off anywhere, or with anything behind it, is malformed", () => {
  for (const bytes of VALID) {
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(decodeGossip(bytes.subarray(0, length)), null, `${length} bytes`);
    }
    for (let extra = 0; extra < 256; extra++) {
      assert.equal(decodeGossip(Uint8Array.of(...bytes, extra)), null, `${extra}`);
    }
  }
});

Deno.test("random changes give a valid message of a gossip network, or none", () => {
  const edit = fc.tuple(fc.nat(300), fc.nat(2), fc.uint8Array({ maxLength: 6 }));
  let valid = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...VALID),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (original, edits) => {
        const bytes = [...original];
        for (const [at, remove, insert] of edits) {
          bytes.splice(at % bytes.length, remove, ...insert);
        }
        const message = decodeGossip(Uint8Array.from(bytes));
        if (message === null) return;
        valid++;
        assert.deepEqual(decodeGossip(encodeGossip(message)), message);
      },
    ),
    { numRuns: 10_000 },
  );
  assert.ok(valid > 100, `${valid} changes left a message valid`);
});

Deno.test("random bytes never make a gossip network's reader throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decodeGossip(bytes);
      decodeGossip(Uint8Array.of(0x97, 1, 34, 0xa1, 0x62, ...bytes));
    }),
    { numRuns: 5000 },
  );
});
