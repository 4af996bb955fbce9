import assert from "node:assert/strict";
import { play } from "./runner.ts";
import { formatTranscript, parseTranscript } from "./transcript.ts";

const STORY = `# Two processes

group 2 lamport
----
a group of 2, order lamport, run 1

ready
----
all are ready after 30 ms
`;

Deno.test("a scenario that goes as it is written down differs nowhere and is written the same", () => {
  assert.deepEqual(play("s.txt", STORY), { text: STORY, difference: "" });
});

Deno.test("an output that has changed is shown beside the one that is written down", () => {
  const { difference } = play("s.txt", STORY.replace("after 30 ms", "after 31 ms"));
  assert.equal(
    difference,
    "s.txt:7: ready\n- all are ready after 31 ms\n+ all are ready after 30 ms",
  );
});

Deno.test("an update writes outputs anew and leaves comments and commands alone", () => {
  const bare = "# Two processes\n\n\ngroup 2 lamport\n\n# Go.\nready\n----\nwrong\nlines\n";
  const { text, difference } = play("s.txt", bare);
  assert.equal(text, STORY.replace("ready\n----", "# Go.\nready\n----"));
  assert.notEqual(difference, "");
  assert.equal(play("s.txt", text).difference, "");
});

Deno.test("an output that is not written down yet is a difference, even where nothing happens", () => {
  const { difference } = play("s.txt", `${STORY}\nrun 1s\n----\n\ntick 1ms\n----\n`);
  assert.match(difference, /s\.txt:11: run 1s\n\+ 0 datagrams in 0 ms/);
  assert.match(difference, /s\.txt:14: tick 1ms\n\+ nothing happens/);
});

/** A command that can't be carried out, and what must be said about it. */
const WRONG: [command: string, message: RegExp][] = [
  ["fly", /s\.txt:11: fly: There is no command fly; there are group, ready/],
  ["toString", /There is no command toString/],
  ["drop", /The number of a datagram is expected/],
  ["drop 99", /Datagram 99 is not under way/],
  ["drop 0>1", /Datagram 0>1 is not under way/],
  ["drop x", /A number from 1 to \d+ is expected, not x/],
  ['multicast 2 "a"', /A number from 0 to 1 is expected, not 2/],
  ["multicast 0", /A process and a text are expected/],
  ["multicast 0 a", /A text such as "a" or 3000\*x is expected, not a/],
  ["tick 20", /A time such as 20ms is expected, not 20/],
  ["block 0", /A link such as 0>1 or 0-1 is expected, not 0/],
  ["judge loudly", /judge or judge sorted is expected/],
  [
    "group 2 fastest",
    /An order of none, fifo, causal, lamport, sequencer is expected, not fastest/,
  ],
  ["group 0 lamport", /A number from 1 to 64 is expected, not 0/],
  ["stop", /A process is expected/],
];

for (const [command, message] of WRONG) {
  Deno.test(`a scenario that says ${command} fails, and the line is named`, () => {
    assert.throws(() => play("s.txt", `${STORY}\n${command}\n----\n`), message);
  });
}

Deno.test("what crashed, is paused, has arrived or has no such field can't be acted on", () => {
  const story = `${STORY}\nmulticast 0 "a"\n\n`;
  assert.throws(() => play("s.txt", `${story}crash 1\n\nstop 1\n`), /Process 1 has crashed/);
  assert.throws(() => play("s.txt", `${story}pause 1\n\nreceive 1\n`), /Process 1 is paused/);
  assert.throws(() => play("s.txt", `${story}receive 1 1\n`), /A datagram is named twice/);
  assert.throws(() => play("s.txt", `${story}forge 1 soul=1\n`), /There is no field soul/);
});

Deno.test("a file that is no scenario is refused with its line", () => {
  assert.throws(() => parseTranscript("# a\n----\nb\n"), /Line 2: there is no command/);
  assert.throws(() => parseTranscript("\nready\nrun 1s\n----\n"), /Line 3: a blank line/);
  assert.throws(() => play("s.txt", "ready\n----\n"), /s\.txt:1: ready: .* begins with .* group/);
});

Deno.test("what is parsed is written the same", () => {
  const text = "# a\n# b\n\n# c\nready\n----\nx\n  y\n\nlog\n----\n";
  assert.equal(formatTranscript(parseTranscript(text)), text);
});

Deno.test("what an order promises can't be written down as violated", () => {
  // The forged segment comes first and takes the real one's place at process 1 only.
  const story = `${STORY}
multicast 0 "a"

multicast 1 "b"

forge 1 time=5 clock=5

receive 3

run 1s
`;
  assert.throws(() => play("s.txt", story), /s\.txt:19: total is violated: /);
});
