import assert from "node:assert/strict";
import fc from "fast-check";
import { DeliveryDigest, type DigestSummary, WINDOW } from "../../src/history/delivery_digest.ts";
import { SequenceHash, SetHash } from "../../src/history/message_hash.ts";

type Message = readonly [sender: number, seq: number];

const SENDERS = 3;

function digestOf(messages: Iterable<Message>): DigestSummary {
  const digest = new DeliveryDigest(0, SENDERS);
  let at = 0;
  for (const [sender, seq] of messages) digest.deliver(sender, seq, NaN, at++);
  return digest.summary();
}

function* upTo(sender: number, last: number): Generator<Message> {
  for (let seq = 1; seq <= last; seq++) yield [sender, seq];
}

const message: fc.Arbitrary<Message> = fc.tuple(
  fc.nat(SENDERS - 1),
  fc.integer({ min: 1, max: 12 }),
);

Deno.test("every delivery is counted as what it is: next, skipping, late or repeated", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      const { senders, firstSkip, firstRepeat } = digestOf(messages);
      const before = (i: number) => messages.slice(0, i).map(String);
      const isRepeat = (m: Message, i: number) => before(i).includes(String(m));
      const isSkip = ([sender, seq]: Message, i: number) => {
        const highest = Math.max(0, ...seqsOf(sender, messages.slice(0, i)));
        return seq > highest + 1;
      };
      for (const [sender, counts] of senders.entries()) {
        const count = (is: (m: Message, i: number) => boolean) =>
          messages.filter((m, i) => m[0] === sender && is(m, i)).length;
        assert.deepEqual(counts, {
          delivered: count(() => true),
          highest: Math.max(0, ...seqsOf(sender, messages)),
          skips: count(isSkip),
          repeated: count(isRepeat),
          unplaced: 0,
        });
      }
      assert.equal(firstSkip?.position ?? -1, messages.findIndex(isSkip));
      assert.equal(firstRepeat?.position ?? -1, messages.findIndex(isRepeat));
    }),
    { numRuns: 1000 },
  );
});

function seqsOf(sender: number, messages: readonly Message[]): number[] {
  return messages.filter((m) => m[0] === sender).map(([, seq]) => seq);
}

Deno.test("what is beyond the window is unplaced only while something is missing", () => {
  const last = WINDOW + 5;
  const [whole] = digestOf([...upTo(0, last), [0, 1]]).senders;
  assert.deepEqual(whole, {
    delivered: last + 1,
    highest: last,
    skips: 0,
    repeated: 1,
    unplaced: 0,
  });

  const skipping: Message[] = [...upTo(0, 2), [0, 4], [0, 3], ...[...upTo(0, last)].slice(4)];
  const [mended] = digestOf([...skipping, [0, 1]]).senders;
  assert.deepEqual(mended, {
    delivered: last + 1,
    highest: last,
    skips: 1,
    repeated: 1,
    unplaced: 0,
  });

  const lacking: Message[] = [...upTo(0, 2), ...[...upTo(0, last)].slice(3)];
  const [holed] = digestOf([...lacking, [0, 5], [0, 6], [0, 6]]).senders;
  assert.deepEqual(holed, {
    delivered: last + 2,
    highest: last,
    skips: 1,
    repeated: 2,
    unplaced: 1,
  });
});

Deno.test("the window forgets what is skipped when it moves on, however far", () => {
  for (const jump of [2, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW]) {
    const highest = 10 + jump;
    // The first after the jump, and its neighbours, none of which has come before.
    const [counts] = digestOf([...upTo(0, 10), [0, highest], [0, highest - 1], [0, highest + 1]])
      .senders;
    const expected = { delivered: 13, highest: highest + 1, skips: 1, repeated: 0, unplaced: 0 };
    assert.deepEqual(counts, expected, `${jump}`);
    const [again] = digestOf([...upTo(0, 10), [0, highest], [0, highest - 1], [0, highest - 1]])
      .senders;
    assert.equal(again?.repeated, 1, `${jump}`);
  }
});

Deno.test("a repeated delivery leaves the fingerprints as they are", () => {
  const once = digestOf([[0, 1], [1, 1], [0, 2]]);
  const twice = digestOf([[0, 1], [1, 1], [1, 1], [0, 2], [0, 1]]);
  assert.equal(twice.sequenceHash, once.sequenceHash);
  assert.equal(twice.setHash, once.setHash);
});

Deno.test("an own message that is delivered before its multicast is remembered", () => {
  const digest = new DeliveryDigest(1, SENDERS);
  digest.multicast(1);
  digest.deliver(1, 1, NaN, 5);
  digest.deliver(0, 7, NaN, 6);
  assert.equal(digest.summary().firstEarly, null);
  digest.deliver(1, 2, NaN, 8);
  digest.deliver(1, 3, NaN, 9);
  const { firstEarly, multicast, firstAt, lastAt } = digest.summary();
  assert.deepEqual(firstEarly, { sender: 1, seq: 2, position: 2 });
  assert.deepEqual([multicast, firstAt, lastAt], [1, 5, 9]);
});

Deno.test("a process that delivered nothing has no times", () => {
  const { firstAt, lastAt, senders } = new DeliveryDigest(0, 2).summary();
  assert.deepEqual([firstAt, lastAt, senders.length], [null, null, 2]);
});

Deno.test("equal sequences have equal fingerprints, others in order or content don't", () => {
  const distinct = fc.uniqueArray(message, { maxLength: 20, selector: String });
  fc.assert(
    fc.property(distinct, distinct, fc.nat(), (a, b, seed) => {
      const [one, other] = [digestOf(a), digestOf(b)];
      assert.equal(one.sequenceHash === other.sequenceHash, String(a) === String(b));
      assert.equal(one.setHash === other.setHash, String([...a].sort()) === String([...b].sort()));
      if (a.length < 2) return;
      // Two neighbours change places.
      const i = seed % (a.length - 1);
      const swapped = digestOf(a.toSpliced(i, 2, a[i + 1]!, a[i]!));
      assert.notEqual(swapped.sequenceHash, one.sequenceHash);
      assert.equal(swapped.setHash, one.setHash);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a swap in a long sequence shows, wherever it is", () => {
  const messages = [...upTo(0, 500)].flatMap((
    [, seq],
  ): Message[] => [[0, seq], [1, seq], [2, seq]]);
  const hashes = new Set([digestOf(messages).sequenceHash]);
  for (let i = 0; i + 1 < messages.length; i += 7) {
    hashes.add(digestOf(messages.toSpliced(i, 2, messages[i + 1]!, messages[i]!)).sequenceHash);
  }
  assert.equal(hashes.size, 1 + Math.ceil((messages.length - 1) / 7));
});

Deno.test("each half of a fingerprint alone tells messages apart", () => {
  const halves = [new Set<string>(), new Set<string>()];
  let count = 0;
  for (let sender = 0; sender < 20; sender++) {
    for (let seq = 1; seq <= 1000; seq++) {
      const hash = new SetHash();
      hash.add(sender, seq);
      halves[0]!.add(hash.hex.slice(0, 8));
      halves[1]!.add(hash.hex.slice(8));
      count++;
    }
  }
  assert.deepEqual(halves.map(({ size }) => size), [count, count]);
});

Deno.test("fingerprints are computed as docs/PROTOCOL.md says, its example too", async () => {
  const messages: Message[] = [[0, 1], [1, 1], [0, 2]];
  const [sequence, set] = [new SequenceHash(), new SetHash()];
  assert.deepEqual([sequence.hex, set.hex], ["0".repeat(16), "0".repeat(16)]);
  for (const [sender, seq] of messages) {
    sequence.add(sender, seq);
    set.add(sender, seq);
  }
  assert.deepEqual([sequence.hex, set.hex], byThePage(messages));
  const page = await Deno.readTextFile(new URL("../../docs/PROTOCOL.md", import.meta.url));
  for (const hex of [sequence.hex, set.hex]) assert.ok(page.includes(`\`${hex}\``), hex);
});

/** Both fingerprints, computed with whole numbers of any size. */
function byThePage(messages: readonly Message[]): string[] {
  const mod = (x: bigint) => x & 0xffff_ffffn;
  const scramble = (value: bigint) => {
    let x = value;
    x = mod((x ^ (x >> 16n)) * 0x7feb352dn);
    x = mod((x ^ (x >> 15n)) * 0x846ca68bn);
    return x ^ (x >> 16n);
  };
  const lanes = ([sender, seq]: Message) => [
    scramble(mod(BigInt(seq) + BigInt(sender) * 0x9e3779b1n)),
    scramble(0xffff_ffffn - mod(BigInt(seq) + BigInt(sender) * 0x85ebca77n)),
  ];
  const sequence = [0n, 0n];
  const set = [0n, 0n];
  for (const message of messages) {
    lanes(message).forEach((lane, i) => {
      const x = sequence[i]! ^ lane;
      const turned = mod(x << 13n) | (x >> 19n);
      sequence[i] = mod(turned * 0x9e3779b1n + 0x6d2b79f5n);
      set[i] = mod(set[i]! + lane);
    });
  }
  return [sequence, set].map((pair) =>
    pair.map((lane) => lane.toString(16).padStart(8, "0")).join("")
  );
}
