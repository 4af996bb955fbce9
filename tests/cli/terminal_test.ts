import assert from "node:assert/strict";
import { Terminal } from "../../src/cli/terminal.ts";
import { FakeStreams } from "./fake_streams.ts";

const ALL = ["stdin", "stdout", "stderr"] as const;

function printEverything(terminal: Terminal): void {
  terminal.event({ event: "ready", port: 1 });
  terminal.say("said");
  terminal.notice("noticed");
  terminal.result("result");
  terminal.warn("careful");
  terminal.error("broken");
}

Deno.test("text for people goes to stdout, complaints go to stderr", () => {
  const streams = new FakeStreams();
  printEverything(new Terminal({ command: "mpcomm lab", streams }));
  assert.equal(streams.out, "said\nresult\n");
  assert.equal(streams.err, "noticed\nmpcomm lab: warning: careful\nmpcomm lab: broken\n");
});

Deno.test("with --json stdout has nothing but JSON", () => {
  const streams = new FakeStreams();
  printEverything(new Terminal({ command: "mpcomm", json: true, streams }));
  assert.equal(streams.out, '{"event":"ready","port":1}\n');
  assert.equal(streams.err, "said\nnoticed\nresult\nmpcomm: warning: careful\nmpcomm: broken\n");
});

Deno.test("with --quiet results and complaints are left", () => {
  const streams = new FakeStreams();
  printEverything(new Terminal({ command: "mpcomm", quiet: true, streams }));
  assert.equal(streams.out, "result\n");
  assert.equal(streams.err, "mpcomm: warning: careful\nmpcomm: broken\n");
});

Deno.test("with --json and --quiet the events and complaints are left", () => {
  const streams = new FakeStreams();
  printEverything(new Terminal({ command: "mpcomm", json: true, quiet: true, streams }));
  assert.equal(streams.out, '{"event":"ready","port":1}\n');
  assert.equal(streams.err, "mpcomm: warning: careful\nmpcomm: broken\n");
});

Deno.test("an error is one line, whatever is in it", () => {
  const streams = new FakeStreams();
  new Terminal({ command: "mpcomm", streams }).error("a\nb\r\n\x1b[2Jc\u2028d");
  assert.equal(streams.err, "mpcomm: a b [2Jc d\n");
});

Deno.test("colors are for terminals, unless they aren't wanted", () => {
  const styled = (terminals: readonly ("stdout" | "stderr")[], color: boolean, json = false) =>
    new Terminal({ command: "m", color, json, streams: new FakeStreams(terminals) }).green("ok");
  assert.equal(styled(["stdout"], true), "\x1b[32mok\x1b[39m");
  assert.equal(styled(["stdout"], false), "ok");
  assert.equal(styled(["stderr"], true), "ok");
  assert.equal(styled(["stderr"], true, true), "\x1b[32mok\x1b[39m");

  const streams = new FakeStreams(["stderr"]);
  new Terminal({ command: "mpcomm", streams }).error("broken");
  assert.equal(streams.err, "\x1b[31mmpcomm:\x1b[39m broken\n");
});

Deno.test("progress is one line of a terminal, gone before anything else is printed", () => {
  const streams = new FakeStreams(ALL);
  const terminal = new Terminal({ command: "mpcomm", color: false, streams });
  terminal.progress("1 of 3\nprocesses");
  terminal.progress("2 of 3");
  terminal.say("all there");
  terminal.progress("x".repeat(100));
  terminal.progress("");
  terminal.progress("");
  assert.equal(
    streams.screen,
    "1 of 3 processes\r\x1b[K2 of 3\r\x1b[Kall there\n" + `${"x".repeat(78)}…\r\x1b[K`,
  );
  assert.equal(streams.out, "all there\n");
});

Deno.test("there is no progress without a terminal, or with --quiet", () => {
  const piped = new FakeStreams(["stdin", "stdout"]);
  new Terminal({ command: "mpcomm", streams: piped }).progress("1 of 3");
  assert.equal(piped.screen, "");
  const quiet = new FakeStreams(ALL);
  new Terminal({ command: "mpcomm", quiet: true, streams: quiet }).progress("1 of 3");
  assert.equal(quiet.screen, "");
});

Deno.test("a footer stays below all that is printed", () => {
  const streams = new FakeStreams(ALL);
  const terminal = new Terminal({ command: "m", color: false, streams });
  let typed = "a";
  terminal.setFooter({ erase: () => "<", draw: () => typed });
  terminal.say("said");
  typed = "ab";
  terminal.refreshFooter();
  terminal.warn("careful");
  terminal.setFooter(null);
  terminal.say("alone");
  assert.equal(streams.screen, "a<said\na<ab<m: warning: careful\nab<alone\n");
});

Deno.test("a footer is no part of what goes to a file", () => {
  const streams = new FakeStreams(["stdin", "stdout"]);
  const terminal = new Terminal({ command: "m", streams });
  terminal.setFooter({ erase: () => "<", draw: () => ">" });
  terminal.warn("careful");
  assert.equal(streams.err, "m: warning: careful\n");
  assert.equal(streams.out, ">");
});

Deno.test("lines and answers come from the same input, and none is lost", async () => {
  const streams = new FakeStreams([], ["yes\nfirst\nsec", "ond"]);
  const terminal = new Terminal({ command: "m", streams });
  assert.ok(!terminal.typed && !terminal.interactive);
  assert.equal(await terminal.ask("Sure?"), "yes");
  assert.equal(await terminal.nextLine(), "first");
  assert.equal(await terminal.nextLine(), "second");
  assert.equal(await terminal.nextLine(), null);
});

Deno.test("interactive is who types and reads here, without --json", () => {
  const interactive = (terminals: readonly ("stdin" | "stdout" | "stderr")[], json = false) =>
    new Terminal({ command: "m", json, streams: new FakeStreams(terminals) }).interactive;
  assert.ok(interactive(["stdin", "stdout"]));
  assert.ok(!interactive(["stdin", "stderr"]));
  assert.ok(!interactive(["stdout", "stderr"]));
  assert.ok(!interactive(ALL, true));
});

Deno.test("what a script answers is shown after the question, and null is the end", async () => {
  const streams = new FakeStreams([], ["50\n", "0"]);
  const terminal = new Terminal({ command: "mpcomm", streams });
  assert.equal(await terminal.ask("How many?"), "50");
  terminal.say("Run.");
  assert.equal(await terminal.ask("How many?"), "0");
  assert.equal(await terminal.ask("How many?"), null);
  assert.equal(streams.out, "How many? 50\nRun.\nHow many? 0\nHow many? \n");
});

Deno.test("what a person types is not repeated", async () => {
  const streams = new FakeStreams(ALL, ["50\n"]);
  const terminal = new Terminal({ command: "mpcomm", color: false, streams });
  assert.equal(await terminal.ask("How many?"), "50");
  assert.equal(streams.out, "How many? ");
});

Deno.test("questions don't disturb JSON, and with --quiet only people see them", async () => {
  const json = new FakeStreams([], ["1\n"]);
  assert.equal(await new Terminal({ command: "m", json: true, streams: json }).ask("Q?"), "1");
  assert.deepEqual([json.out, json.err], ["", "Q? 1\n"]);
  const script = new FakeStreams([], ["1\n"]);
  assert.equal(await new Terminal({ command: "m", quiet: true, streams: script }).ask("Q?"), "1");
  assert.equal(script.screen, "");
  const person = new FakeStreams(["stdin"], ["1\n"]);
  assert.equal(await new Terminal({ command: "m", quiet: true, streams: person }).ask("Q?"), "1");
  assert.equal(person.out, "Q? ");
});

Deno.test("once nobody reads stdout, the rest is dropped and the command is told", () => {
  const streams = new FakeStreams();
  let writes = 0;
  streams.stdout.writeSync = () => {
    writes++;
    throw new Deno.errors.BrokenPipe("Broken pipe");
  };
  const terminal = new Terminal({ command: "mpcomm", streams });
  assert.ok(!terminal.closed.aborted);
  terminal.say("lost");
  assert.ok(terminal.closed.aborted);
  terminal.say("lost");
  assert.equal(writes, 1);
  terminal.error("still to be seen");
  assert.equal(streams.err, "mpcomm: still to be seen\n");
});
