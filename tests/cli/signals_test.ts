import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { catchSignals } from "../../src/cli/signals.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { FakeStreams } from "./fake_streams.ts";

const WAITER = fileURLToPath(new URL("./signals_fixture.ts", import.meta.url));

for (const [signal, code] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} asks to stop and decides the exit code`, async () => {
    const child = start("graceful");
    assert.equal(await child.nextLine(), "waiting");
    child.kill(signal);
    assert.equal(await child.nextLine(), `stopped by ${signal}`);
    assert.equal(await child.nextLine(), null);
    assert.equal(await child.errors(), "");
    assert.equal(await child.code(), code);
  });
}

Deno.test("without a signal the exit code is the program's own", () => {
  using signals = catchSignals();
  assert.equal(signals.caught, null);
  assert.ok(!signals.stop.aborted);
  assert.equal(signals.exitCode(3), 3);
});

Deno.test("output that nobody reads counts as SIGPIPE", () => {
  const streams = new FakeStreams();
  streams.stdout.writeSync = () => {
    throw new Deno.errors.BrokenPipe("Broken pipe");
  };
  const terminal = new Terminal({ command: "mpcomm", streams });
  using before = catchSignals({ terminal });
  terminal.say("lost");
  assert.equal(before.exitCode(0), 141);
  using after = catchSignals({ terminal });
  assert.equal(after.exitCode(0), 141);
});

Deno.test("a terminal whose window is gone counts as SIGHUP, and throws nothing", () => {
  const streams = new FakeStreams(["stdin", "stdout", "stderr"]);
  streams.stdout.writeSync = failToWrite;
  const terminal = new Terminal({ command: "mpcomm", streams });
  streams.stdout.isTerminal = () => false; // A terminal that is gone says so.
  using signals = catchSignals({ terminal });
  terminal.say("lost");
  terminal.say("lost as well");
  assert.equal(signals.exitCode(0), 129);
});

Deno.test("a failure to read from a terminal is the end of its input, and counts as SIGHUP", async () => {
  const streams = new FakeStreams(["stdin", "stdout", "stderr"]);
  streams.stdin.read = () => Promise.reject(inputOutputError());
  const terminal = new Terminal({ command: "mpcomm", streams });
  using signals = catchSignals({ terminal });
  assert.equal(await terminal.nextLine(), null);
  assert.equal(signals.exitCode(0), 129);
});

Deno.test("a file that can't be written is an error, not a hang-up", () => {
  const streams = new FakeStreams(["stdin"]);
  streams.stdout.writeSync = failToWrite;
  const terminal = new Terminal({ command: "mpcomm", streams });
  assert.throws(() => terminal.say("lost"), /Input\/output error/);
});

function failToWrite(): number {
  throw inputOutputError();
}

function inputOutputError(): Error {
  return Object.assign(new Error("Input/output error (os error 5)"), { code: "EIO" });
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`a second ${signal} ends the program at once`, async () => {
    const child = start("stubborn");
    assert.equal(await child.nextLine(), "waiting");
    child.kill(signal);
    assert.equal(await child.nextLine(), "stopping");
    child.kill(signal);
    assert.equal(await child.nextLine(), "second");
    assert.equal(await child.nextLine(), null);
    assert.equal(await child.errors(), "");
    assert.equal(await child.code(), code);
  });
}

Deno.test("a program whose output is closed stops quietly with code 141", async () => {
  const child = start("flood");
  assert.equal(await child.nextLine(), "waiting");
  await child.closeOutput();
  assert.equal(await child.code(), 141);
  assert.equal(await child.errors(), "");
});

/** Starts the program beside this file that waits for signals. */
function start(mode: "graceful" | "stubborn" | "flood") {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", WAITER, mode],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    kill: (signal: Deno.Signal) => child.kill(signal),
    code: async () => {
      await reader.cancel();
      return (await child.status).code;
    },
    errors: async () => await new Response(child.stderr).text(),
    closeOutput: () => reader.cancel(),
    async nextLine(): Promise<string | null> {
      while (!text.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) return null;
        text += decoder.decode(value, { stream: true });
      }
      const end = text.indexOf("\n");
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return line;
    },
  };
}
