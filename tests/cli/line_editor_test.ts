import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { LineEditor } from "../../src/cli/line_editor.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { FakeStreams } from "./fake_streams.ts";
import { Screen } from "./screen.ts";

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const DOWN = "\x1b[B";
const CTRL_A = "\x01";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_U = "\x15";

/** An editor on a screen. */
class Desk implements Disposable {
  readonly streams = new FakeStreams(["stdin", "stdout", "stderr"]);
  readonly terminal = new Terminal({ command: "mpcomm chat", streams: this.streams });
  readonly happened: string[] = [];
  readonly #input: PassThrough;
  readonly #editor: LineEditor;

  /** Another desk may have the same keys. */
  constructor(input = new PassThrough()) {
    this.#input = input;
    this.#editor = new LineEditor(this.terminal, {
      input: this.#input,
      prompt: "me> ",
      paint: (prompt) => `\x1b[1m${prompt}\x1b[22m`,
      onLine: (line) => this.#happens(`line ${line}`),
      onInterrupt: () => this.#happens("interrupt"),
      onEnd: () => this.#happens("end"),
    });
  }

  /** Presses keys; what they do is seen a little later. */
  press(...keys: string[]): void {
    for (const key of keys) this.#input.write(key);
  }

  /** Nothing can be read any more, as when a terminal's window is closed. */
  breakInput(): void {
    this.#input.destroy(new Error("Input/output error (os error 5)"));
  }

  /** Waits until the screen shows this and nothing else. */
  async shows(text: string): Promise<void> {
    await this.#until(() => this.screen.text, text);
  }

  /** Waits until this has happened and nothing else. */
  async tells(...happened: string[]): Promise<void> {
    await this.#until(() => this.happened.join("\n"), happened.join("\n"));
  }

  get screen(): Screen {
    const screen = new Screen();
    screen.write(this.streams.screen);
    return screen;
  }

  close(): void {
    this.#editor.close();
  }

  /** A new editor that reads on from the same keys, on a screen of its own. */
  successor(): Desk {
    return new Desk(this.#input);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #happens(what: string): void {
    this.happened.push(what);
    this.streams.touch();
  }

  /** Looks whenever something is painted or happens. */
  async #until(look: () => string, expected: string): Promise<void> {
    await this.streams.until(() => look() === expected);
    assert.equal(look(), expected);
  }
}

Deno.test("a line that is being typed survives what comes in", async () => {
  using desk = new Desk();
  desk.press("hello wor", LEFT, LEFT);
  await desk.shows("me> hello wor");
  desk.terminal.result("bob: hi");
  assert.equal(desk.screen.text, "bob: hi\nme> hello wor");
  assert.deepEqual(desk.screen.cursor, { row: 1, column: 11 });
  desk.terminal.warn("somebody is late");
  desk.press("X");
  await desk.shows("bob: hi\nmpcomm chat: warning: somebody is late\nme> hello wXor");
  desk.press("\r");
  await desk.tells("line hello wXor");
});

Deno.test("a line that is entered leaves the screen", async () => {
  using desk = new Desk();
  desk.press("hello\r");
  await desk.tells("line hello");
  assert.equal(desk.screen.text, "me>");
  desk.terminal.result("me: hello");
  assert.equal(desk.screen.text, "me: hello\nme>");
  assert.deepEqual(desk.screen.cursor, { row: 1, column: 4 });
});

Deno.test("a line of several rows makes room and leaves as a whole", async () => {
  using desk = new Desk();
  const line = "x".repeat(75) + "y".repeat(79) + "zzz";
  const rows = `me> ${"x".repeat(75)}\n${"y".repeat(79)}\nzzz`;
  desk.press(line);
  await desk.shows(rows);
  for (const text of ["one", "two", "three"]) desk.terminal.result(text);
  assert.equal(desk.screen.text, `one\ntwo\nthree\n${rows}`);
  assert.deepEqual(desk.screen.cursor, { row: 5, column: 3 });
  desk.press(CTRL_A, "w");
  await desk.shows(`one\ntwo\nthree\nme> w${"x".repeat(74)}\nx${"y".repeat(78)}\nyzzz`);
  desk.terminal.result("four");
  assert.deepEqual(desk.screen.cursor, { row: 4, column: 5 });
  desk.press("\r");
  await desk.shows("one\ntwo\nthree\nfour\nme>");
  await desk.tells(`line w${line}`);
});

Deno.test("the arrow keys bring back earlier lines, and those that begin like what is typed", async () => {
  using desk = new Desk();
  desk.press("first\r", "second\r", UP, UP);
  await desk.shows("me> first");
  desk.press(DOWN);
  await desk.shows("me> second");
  desk.press("!\r");
  await desk.tells("line first", "line second", "line second!");
  desk.press("fi", UP);
  await desk.shows("me> first");
});

Deno.test("lines that are pasted are entered one by one", async () => {
  using desk = new Desk();
  desk.press("one\rtwo\rthr");
  await desk.tells("line one", "line two");
  await desk.shows("me> thr");
});

Deno.test("Ctrl-C is told, and Ctrl-D ends on an empty line only", async () => {
  using desk = new Desk();
  desk.press("abc", CTRL_D, CTRL_C);
  await desk.tells("interrupt");
  await desk.shows("me> abc");
  desk.press(CTRL_U, CTRL_D);
  await desk.tells("interrupt", "end");
});

Deno.test("a closed editor leaves nothing on the screen and hears nothing", async () => {
  using desk = new Desk();
  desk.press("half a line");
  await desk.shows("me> half a line");
  desk.close();
  assert.equal(desk.screen.text, "");
  // Its keys come after those of the closed one, and so do its turns to paint.
  using successor = desk.successor();
  desk.press("more\r", "x");
  await successor.shows("me> x");
  desk.press(CTRL_U, CTRL_D);
  await successor.tells("line more", "end");
  desk.terminal.result("bye");
  assert.equal(desk.screen.text, "bye");
  assert.deepEqual(desk.happened, []);
});

Deno.test("a pasted line of 60,000 characters is there at once, also in the middle of another", async () => {
  using desk = new Desk();
  const pasted = "long line ".repeat(6000);
  // As a terminal gives it: in parts.
  const parts = pasted.match(/.{1,4000}/g)!;
  desk.press("ab", LEFT, ...parts, "\r", ...parts, "ż\u{1f600}\r");
  await desk.tells(`line a${pasted}b`, `line ${pasted}ż\u{1f600}`);
});

Deno.test("input that breaks off ends the editor", async () => {
  using desk = new Desk();
  desk.press("half");
  desk.breakInput();
  await desk.tells("end");
});
