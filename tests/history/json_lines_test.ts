import assert from "node:assert/strict";
import fc from "fast-check";
import { Journal } from "../../src/history/journal.ts";
import {
  formatJournal,
  MAX_PROBLEMS,
  type ParsedJournal,
  parseJournal,
} from "../../src/history/json_lines.ts";
import { MAX_LINE_LENGTH } from "../../src/history/lines.ts";

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function* chunks(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

function parse(text: string, process?: number, size?: number): Promise<ParsedJournal> {
  return parseJournal(chunks(encode(text), size), "log.jsonl", process);
}

function format(journal: Journal): string {
  return [...formatJournal(journal)].join("");
}

const EXAMPLE = `{"event":"multicast","process":0,"seq":1,"time":12,"at":1732100000123.4,"size":100}
{"event":"receive","process":0,"sender":1,"seq":1,"time":13,"at":1732100000163.9}
{"event":"deliver","process":0,"sender":0,"seq":1,"time":17,"at":1732100000184}
`;

Deno.test("the lines are those of the design, byte by byte", async () => {
  const { journal, problems, ignored } = await parse(EXAMPLE);
  assert.deepEqual([problems, ignored], [[], 0]);
  assert.equal(format(journal!), EXAMPLE);
});

Deno.test("what is unknown is left out", () => {
  const journal = new Journal(2);
  journal.multicast(1, NaN, NaN, -1);
  journal.receive(0, 7, NaN, NaN);
  journal.deliver(0, 7, NaN, Infinity);
  assert.equal(
    format(journal),
    '{"event":"multicast","process":2,"seq":1}\n' +
      '{"event":"receive","process":2,"sender":0,"seq":7}\n' +
      '{"event":"deliver","process":2,"sender":0,"seq":7}\n',
  );
});

const events = fc.array(fc.record({
  kind: fc.nat(2),
  sender: fc.nat(65_535),
  seq: fc.integer({ min: 1, max: 4_294_967_295 }),
  time: fc.oneof(fc.constant(NaN), fc.maxSafeNat()),
  at: fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 1e13, noNaN: true })),
  size: fc.integer({ min: -1, max: 2_147_483_647 }),
}));

Deno.test("a journal comes back as it was, whatever the chunks of its bytes", async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.nat(65_535), fc.integer({ min: 1, max: 90 }), async (
      list,
      process,
      chunkBytes,
    ) => {
      const journal = new Journal(process);
      for (const { kind, sender, seq, time, at, size } of list) {
        const own = kind === 0 ? process : sender;
        journal.append(kind, own, seq, time, at === 0 ? 0 : at, kind === 0 ? size : -1);
      }
      const parsed = await parse(format(journal), process, chunkBytes);
      assert.deepEqual(parsed.problems, []);
      assert.equal(parsed.journal!.process, process);
      assert.deepEqual(parsed.journal!.columns(), journal.columns());
    }),
    { numRuns: 300 },
  );
});

Deno.test("a long journal is written in chunks of whole lines", () => {
  const journal = new Journal(0);
  for (let seq = 1; seq <= 10_000; seq++) journal.deliver(0, seq, seq, seq);
  const written = [...formatJournal(journal)];
  assert.ok(written.length > 3);
  assert.ok(written.every((chunk) => chunk.endsWith("\n") && chunk.length < 70_000));
  assert.equal(written.join("").split("\n").length, 10_001);
});

Deno.test("CRLF, blank lines, a byte order mark, odd spacing and more fields are fine", async () => {
  const text = "\ufeff\r\n  \r\n" +
    '{ "text":"é", "seq":1, "sender":4, "process":3, "event":"deliver", "time":null }\r\n\n' +
    '{"event":"deliver","process":3,"sender":4,"seq":2.0e0}';
  for (const size of [1, 2, 1000]) {
    const { journal, problems } = await parse(text, undefined, size);
    assert.deepEqual(problems, []);
    assert.deepEqual([journal!.process, journal!.length, journal!.seqAt(1)], [3, 2, 2]);
  }
});

Deno.test("events of other kinds are counted and ignored", async () => {
  const { journal, ignored, problems } = await parse(
    '{"event":"listening","address":"127.0.0.1:1"}\n{"event":"locked"}\n' + EXAMPLE,
  );
  assert.deepEqual([journal!.length, ignored, problems.length], [3, 2, 0]);
});

const DELIVER = '"event":"deliver","process":0';
const UNREADABLE: [line: string, reason: string][] = [
  ["hello", "Not JSON"],
  ['{"event":"deliver","process":0,"sen', "Not JSON"],
  ["\u0000", "Not JSON"],
  ["[1]", "Not a JSON object"],
  ["null", "Not a JSON object"],
  ["{}", '"event" is missing, not a string'],
  ['{"event":7}', '"event" is 7, not a string'],
  [`{${DELIVER},"sender":1}`, '"seq" is missing'],
  [`{${DELIVER},"seq":1}`, '"sender" is missing'],
  [`{${DELIVER},"sender":1,"seq":0}`, '"seq" is 0, not a whole number from 1 to 4294967295'],
  [`{${DELIVER},"sender":1,"seq":-1}`, '"seq" is -1, not a whole number from 1 to 4294967295'],
  [`{${DELIVER},"sender":1,"seq":1.5}`, '"seq" is 1.5, not a whole number from 1 to 4294967295'],
  [`{${DELIVER},"sender":1,"seq":"1"}`, '"seq" is "1", not a whole number from 1 to 4294967295'],
  [
    `{${DELIVER},"sender":1,"seq":4294967296}`,
    '"seq" is 4294967296, not a whole number from 1 to 4294967295',
  ],
  [
    `{${DELIVER},"sender":4000000000,"seq":1}`,
    '"sender" is 4000000000, not a whole number from 0 to 65535',
  ],
  [
    '{"event":"deliver","process":"\\u001b[2J","sender":1,"seq":1}',
    '"process" is "\\u001b[2J", not a whole number from 0 to 65535',
  ],
  [
    `{${DELIVER},"sender":1,"seq":1,"time":-4}`,
    '"time" is -4, not a whole number from 0 to 9007199254740991',
  ],
  [
    `{${DELIVER},"sender":1,"seq":1,"time":9007199254740992}`,
    '"time" is 9007199254740992, not a whole number from 0 to 9007199254740991',
  ],
  [`{${DELIVER},"sender":1,"seq":1,"at":1e999}`, '"at" is Infinity, not a number from 0'],
  [`{${DELIVER},"sender":1,"seq":1,"at":"now"}`, '"at" is "now", not a number from 0'],
  [
    '{"event":"multicast","process":0,"seq":1,"size":true}',
    '"size" is true, not a whole number from 0 to 2147483647',
  ],
  [
    '{"event":"multicast","process":0,"sender":1,"seq":1}',
    "A multicast of process 0 by 1",
  ],
  [
    `{${DELIVER},"sender":1,"seq":1,"text":"${"x".repeat(MAX_LINE_LENGTH)}"}`,
    "Too long for an event",
  ],
];

Deno.test("a line that can't be read is named with its reason, and the rest is read", async () => {
  for (const [line, reason] of UNREADABLE) {
    for (const size of [100, 1_000_000]) {
      const text = EXAMPLE + line + "\n" + EXAMPLE;
      const { journal, problems, unreadable } = await parse(text, undefined, size);
      assert.deepEqual(problems, [{ file: "log.jsonl", line: 4, reason }]);
      assert.deepEqual([journal!.length, unreadable], [6, 1]);
    }
  }
});

Deno.test("a torn last line is named, a whole one without a line break is read", async () => {
  const whole = await parse(EXAMPLE.trimEnd());
  assert.deepEqual([whole.journal!.length, whole.unreadable], [3, 0]);
  const torn = await parse(EXAMPLE.slice(0, -5));
  assert.deepEqual([torn.journal!.length, torn.problems[0]?.line], [2, 3]);
});

Deno.test("where events do not name the process, the caller does", async () => {
  const anonymous = '{"event":"multicast","seq":1}\n{"event":"deliver","sender":0,"seq":1}\n';
  const named = await parse(anonymous, 5);
  assert.deepEqual([named.journal!.process, named.journal!.senderAt(0)], [5, 5]);
  const unnamed = await parse(anonymous);
  assert.equal(unnamed.journal, null);
  assert.equal(
    unnamed.problems[0]?.reason,
    '"process" is missing, and the file\'s name is no number',
  );
  const contradicted = await parse(EXAMPLE, 5);
  assert.equal(contradicted.journal!.process, 0, "the events know better");
});

Deno.test("an empty file is the empty journal of whom its name says", async () => {
  assert.equal((await parse("", 4)).journal!.length, 0);
  assert.equal((await parse("")).journal, null);
});

Deno.test("random bytes are never an exception, and are counted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(3), async (bytes, cut) => {
      const parsed = await parseJournal(chunks(bytes, cut + 1), "noise", 0);
      assert.equal(parsed.problems.length, parsed.unreadable);
      assert.equal(parsed.journal!.length, 0);
    }),
  );
});

Deno.test("of many bad lines the first are kept and all are counted", async () => {
  const { problems, unreadable } = await parse("x\n".repeat(5000));
  assert.deepEqual([problems.length, unreadable], [MAX_PROBLEMS, 5000]);
});

Deno.test("a file without line breaks does not fill the memory", async () => {
  async function* endless() {
    const chunk = new Uint8Array(65_536).fill(0x41);
    for (let i = 0; i < 2000; i++) {
      await Promise.resolve();
      yield chunk;
    }
    yield encode("\n" + EXAMPLE);
  }
  const { journal, problems } = await parseJournal(endless(), "endless", 0);
  assert.deepEqual(problems, [{ file: "endless", line: 1, reason: "Too long for an event" }]);
  assert.equal(journal!.length, 3);
});
