import assert from "node:assert/strict";
import { SYSTEM_CLOCK } from "../../src/hosts/link_clock.ts";
import type { GossipReport, Rumor } from "../../src/hosts/gossip_host.ts";
import { ChatGenerator } from "../../src/cli/chat_generator.ts";
import { parseGossipInput } from "../../src/cli/gossip_input.ts";
import { GossipOutput } from "../../src/cli/gossip_output.ts";
import { type GossipPort, GossipSession } from "../../src/cli/gossip_session.ts";
import { describeSummary, summarize } from "../../src/cli/gossip_summary.ts";
import { loadWords } from "../../src/cli/gossip_words.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { durationOrOff } from "../../src/cli/values/duration_or_off.ts";
import { parseNames } from "../../src/cli/values/names.ts";
import { Random } from "../../src/protocols/random.ts";
import { FakeStreams } from "./fake_streams.ts";

const REPORT: GossipReport = {
  unheard: 0,
  ...{ heard: 0, kept: 0, hot: 0, up: 0, down: 0, meanHops: 0, maxHops: 0, measures: [] },
  ...{ rumorsSent: 0, duplicates: 0, supplied: 0, messagesSent: 0, peers: [] },
  ...{ datagrams: 0, frames: 0, bytes: 0, unsent: 0, malformed: 0 },
};

const MACHINES = ["a", "b", "c"].map((name, i) => ({
  name,
  address: { host: "h", port: 7001 + i },
}));

Deno.test("a line is a command, and the text to say stands as it is", () => {
  const cases: [line: string, input: ReturnType<typeof parseGossipInput>][] = [
    ["", null],
    ["  \t ", null],
    ["say hello", { command: "say", text: "hello" }],
    ["  SAY  two  blanks ", { command: "say", text: " two  blanks " }],
    ["say\ttab", { command: "say", text: "tab" }],
    ["say say", { command: "say", text: "say" }],
    ["add b", { command: "add", name: "b" }],
    [" Add  b ", { command: "add", name: "b" }],
    ["list", { command: "list" }],
    ["status ", { command: "status" }],
    ["Help", { command: "help" }],
    ["quit", { command: "quit" }],
  ];
  for (const [line, input] of cases) assert.deepEqual(parseGossipInput(line), input, line);
});

Deno.test("what is no command is refused with a reason", () => {
  const cases: [line: string, word: string, reason: RegExp][] = [
    ["say", "say", /^there is nothing to say: say TEXT$/],
    ["say   ", "say", /^there is nothing to say/],
    ["add", "add", /^whom\? add NAME$/],
    ["add a b", "add", /^one name at a time$/],
    ["quit now", "quit", /^quit takes nothing after it$/],
    ["lst", "lst", /^no command "lst": did you mean list\?$/],
    [
      "morning all",
      "morning",
      /^no command "morning": use add NAME, say TEXT, list, status, help, qui/,
    ],
  ];
  for (const [line, word, reason] of cases) {
    const input = parseGossipInput(line);
    assert.ok(input?.command === null, line);
    assert.equal(input.word, word);
    assert.match(input.reason, reason);
  }
});

/** A session whose node notes what it is told. */
function sessionOf(peers: GossipReport["peers"] = []) {
  const streams = new FakeStreams();
  const did: string[] = [];
  const rumor: Rumor = {
    ...{ origin: "a", run: 255, seq: 1, text: "x", wantsReceipt: true, hops: 0 },
  };
  const node: GossipPort = {
    join: (name, { port }) => void did.push(`join ${name} ${port}`),
    say: (text) => {
      if (text.length > 5) throw new RangeError("too long");
      did.push(`say ${text}`);
      return rumor;
    },
    rumors: [rumor],
    report: { ...REPORT, peers },
  };
  const output = new GossipOutput(new Terminal({ command: "x", json: true, streams }), "a");
  const session = new GossipSession({ machines: MACHINES, path: "m.txt", self: "a" }, node, output);
  return { session, did, events: () => streams.out.trim().split("\n").map((l) => JSON.parse(l)) };
}

Deno.test("a session answers each command once", () => {
  const { session, did, events } = sessionOf();
  session.begin(["b"]);
  for (const line of ["add b", "add a", "add z", "add c", "say hi", "say too long", "list", "x"]) {
    session.feed(line);
  }
  assert.deepEqual(did, ["join b 7002", "join c 7003", "say hi"]);
  const rumors = [{ id: "a/ff/1", text: "x", from: "a", hops: 0 }];
  assert.deepEqual(events().slice(0, 7), [
    { event: "error", command: "add", reason: "b was added already" },
    { event: "error", command: "add", reason: "a is this node itself" },
    { event: "error", command: "add", reason: 'there is no "z" in m.txt, only a, b and c' },
    { event: "ok", command: "add", name: "c" },
    { event: "ok", command: "say", id: "a/ff/1" },
    { event: "error", command: "say", reason: "too long" },
    { event: "ok", command: "list", rumors },
  ]);
  assert.equal(events().length, 8);
});

Deno.test("nothing is done after quit", async () => {
  const { session, did, events } = sessionOf();
  for (const line of ["quit", "say hi", "quit"]) session.feed(line);
  await session.quit;
  assert.deepEqual(did, []);
  assert.deepEqual(events(), [{ event: "ok", command: "quit" }]);
});

Deno.test("who has said goodbye may be added again, and who has died is looked for anyway", () => {
  const [left, dead] = (["left", "dead"] as const).map((state) =>
    sessionOf([{ name: "b", address: "h:7002", incarnation: 1, state }])
  );
  for (const { session } of [left!, dead!]) {
    session.feed("add b");
    session.feed("add b");
  }
  assert.equal(left!.did.length, 2);
  assert.equal(dead!.did.length, 1);
});

Deno.test("the measures follow from what a node counts", () => {
  assert.deepEqual(describeSummary(summarize(REPORT)), ["No rumors"]);
  const alone = summarize({ ...REPORT, heard: 1, measures: [measure(0, 0, 0, null, 0)] });
  assert.deepEqual([alone.followed, alone.residue, alone.lastMs, alone.hops], [
    0,
    null,
    null,
    null,
  ]);
  const summary = summarize({
    ...REPORT,
    ...{ heard: 4, rumorsSent: 10, messagesSent: 31, duplicates: 5, supplied: 1 },
    ...{ meanHops: 2.25, maxHops: 4 },
    measures: [
      measure(0, 0, 0, null, 0),
      measure(10, 9, 2, 100, 3),
      measure(10, 10, 0, 250.04321, 5),
      measure(5, 0, 5, null, 0),
    ],
  });
  assert.deepEqual(summary, {
    ...{ rumors: 4, sent: 10, duplicates: 5, supplied: 1, traffic: 2.5, messagesPerRumor: 7.75 },
    ...{ hops: { mean: 2.25, max: 4 }, followed: 3, residue: 7 / 25, missing: 6 / 25 },
    ...{ lastMs: { mean: 175, max: 250 }, lastHops: { mean: 4, max: 5 } },
  });
  assert.deepEqual(describeSummary(summary), [
    "Rumors: 4, sent 10 times (2.5 for each), 5 came though they were known, 1 came by " +
    "anti-entropy; 7.75 messages for each in all",
    "Hops to here: 2.25 on average, 4 at most",
    "The last 3 said here: telling missed 28 % of the others, 24 % lack it; the last had it after " +
    "175 ms (hops 4) on average, 250 ms (hops 5) at most",
  ]);
});

function measure(
  others: number,
  reached: number,
  missed: number,
  lastMs: number | null,
  lastHops: number,
) {
  return { others, reached, missed, lastMs, lastHops };
}

Deno.test("there are words enough, all plain, each once", async () => {
  const words = await loadWords(undefined);
  assert.ok(words.length >= 300);
  assert.equal(new Set(words).size, words.length);
  for (const word of words) assert.match(word, /^[a-z]{2,10}$/);
});

Deno.test("a generator says what it is told to draw", async () => {
  const said = Promise.withResolvers<string>();
  const draw = (random: Random) => `word ${random.below(1)}`;
  const generator = new ChatGenerator(new Random(1), said.resolve, SYSTEM_CLOCK, draw);
  generator.start(1000);
  assert.equal(await said.promise, "word 0");
  generator.stop();
});

Deno.test("names are read from a list, none twice", () => {
  assert.deepEqual(parseNames("a"), ["a"]);
  assert.deepEqual(parseNames("b,a,ü.1"), ["b", "a", "ü.1"]);
  for (const text of ["", ",", "a,", "a,,b", "a b", "a,-b"]) {
    assert.throws(() => parseNames(text), SyntaxError, text);
  }
  assert.throws(() => parseNames("a,b,a"), { message: "a is given twice" });
});

Deno.test("a duration may be off", () => {
  const parser = durationOrOff({ minMs: 100, maxMs: 10_000 });
  assert.deepEqual(parser.parse("off"), { success: true, value: null });
  assert.deepEqual(parser.parse("2s"), { success: true, value: 2000 });
  for (const text of ["", "on", "OFF", "0ms", "99ms", "11s", "2"]) {
    assert.equal(parser.parse(text).success, false, text);
  }
  assert.equal(parser.format(null), "off");
  assert.equal(parser.format(2000), "2s");
});
