/**
 * A participant on a real terminal, as far as this machine has one to offer: `script` of util-linux.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ParticipantProcess, PersistentGroup } from "./participants.ts";
import { Screen } from "./screen.ts";

/** Words that run the words after them on a pseudo-terminal. */
const ON_TERMINAL = ["sh", "-c", 'exec script -qec "$*" /dev/null', "sh"];

/** Resolves when this is on the screen, ports aside. */
async function shows({ process }: ParticipantProcess, expected: string): Promise<void> {
  let seen = "";
  try {
    await process.prints((output) => (seen = screenOf(output)) === expected);
  } catch (error) {
    assert.equal(seen, expected, String(error));
  }
}

/** The screen after this output, the last part of which may not be there yet. */
function screenOf(output: string): string {
  const screen = new Screen(80);
  try {
    screen.write(output);
    return screen.text.replaceAll(/127\.0\.0\.1:\d+/g, "PORT");
  } catch (error) {
    return String(error);
  }
}

Deno.test({
  name: "on a terminal, answers stand below the commands, and messages above what is typed",
  ignore: !await hasScript(),
  async fn() {
    await using group = await PersistentGroup.start();
    const a = group.run([...group.words("a"), "--no-color"], {
      prefix: ON_TERMINAL,
      env: { TERM: "xterm" },
    });
    let screen = "a is not registered: begin with register\n";
    await shows(a, `${screen}a>`);
    await a.process.type("register\r");
    screen += "a> register\nok: registered, listening at PORT; messages after 0 will come\n";
    await shows(a, `${screen}a>`);
    await a.process.type("msend hel");
    await shows(a, `${screen}a> msend hel`);
    const b = group.participant("b", ["--exec", "register; msend hi"]);
    await b.has("hi");
    screen += "1 b: hi\n";
    await shows(a, `${screen}a> msend hel`);
    await a.process.type("lo\r");
    // Whether the answer or the message comes first is open: both are on their way at once.
    await a.process.output(/ok: message 2 is stored/);
    await a.process.output(/2 a: hello/);
    await a.process.type("\x04");
    const { code, stdout } = await a.process.end();
    assert.equal(code, 0);
    assert.match(screenOf(stdout), /\na> msend hello\n[^]*\nok: goodbye$/);
    assert.equal((await group.members()).a?.state, "offline");
  },
});

async function hasScript(): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}
