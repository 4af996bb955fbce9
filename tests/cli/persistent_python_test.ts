import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { got, PersistentGroup, tell } from "./persistent_group.ts";

/** Debian's, for which python3-msgpack is installed. */
const PYTHON = "/usr/bin/python3";

const PROGRAM = fileURLToPath(
  new URL("../../examples/06_persistent/participant.py", import.meta.url),
);

/** Whether there is a Python with msgpack; says so if not. */
async function hasMsgpack(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", "import msgpack"] }).output();
    if (success) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const why = "no python3-msgpack here: the test of the participant in Python is skipped\n";
  Deno.stderr.writeSync(new TextEncoder().encode(why));
  return false;
}

Deno.test({
  name: "a participant in Python, written from the protocol's page, registers, receives and sends",
  ignore: !await hasMsgpack(),
  async fn() {
    assert.ok((await Deno.readTextFile(PROGRAM)).split("\n").length <= 61, "60 lines");
    await using group = await PersistentGroup.start();
    const [a] = await group.startAll("a");
    await using python = new Python(group);
    await python.prints("register is done");
    await python.type("from Python: zażółć\n");
    await python.prints("msend is done");
    await got(a!, "from Python: zażółć");
    // Many, in frames of many.
    for (let i = 0; i < 50; i++) await a!.type(`msend ${i}\\n\n`);
    await a!.event("ok", ({ seq }) => seq === 51);
    // Everything is acknowledged, also after the coordinator has found it again.
    await group.caughtUp("a", "py");
    group.coordinator.kill("SIGKILL");
    await group.coordinator.end();
    await group.restartCoordinator();
    await tell(a!, "msend again");
    await group.caughtUp("a", "py");
    python.kill();
    await tell(a!, "msend while it is dead");
    await using next = new Python(group);
    await next.prints("reconnect is done");
    await group.caughtUp("a", "py");
    await next.closeInput();
    await next.prints("disconnect is done");
    assert.deepEqual(
      python.log().map(([seq, sender, text]) => `${seq} ${sender} ${text}`),
      group.log("a").map(({ seq, sender, text }) =>
        `${seq} ${sender} ${text.replaceAll("\\\\", "\\")}`
      ),
    );
  },
});

/** The program, as it runs. */
class Python implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #log: string;
  #printed = "";

  constructor(group: PersistentGroup) {
    const { host, port } = group.address;
    this.#log = group.logPath("py");
    this.#child = new Deno.Command(PYTHON, {
      args: [PROGRAM, "py", this.#log, host, String(port)],
      stdin: "piped",
      stdout: "piped",
      stderr: "null", // A lost coordinator is a stack trace there.
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  async closeInput(): Promise<void> {
    await this.#input.close();
  }

  /** Resolves when it has printed a text. */
  async prints(text: string): Promise<void> {
    while (!this.#printed.includes(text)) {
      const { value, done } = await this.#output.read();
      assert.ok(!done, `it ended without "${text}", after ${this.#printed}`);
      this.#printed += value;
    }
  }

  /** Number, sender and text of what it has logged. */
  log(): string[][] {
    return Deno.readTextFileSync(this.#log).split("\n").slice(0, -1).map((line) => {
      const [, seq, sender, text] = line.split("\t");
      return [seq!, sender!, JSON.parse(text!)];
    });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await this.#output.cancel();
    await this.#input.close().catch(() => {}); // It is closed already.
    await this.#child.status;
  }
}
