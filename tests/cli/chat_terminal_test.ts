/**
 * A chat on a real terminal, as far as this machine has one to offer: `script` of util-linux.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Chats, delivered, inViewOf } from "./chats.ts";
import type { RunningProcess } from "./processes.ts";
import { Screen } from "./screen.ts";

/** Words that run the words after them on a pseudo-terminal. */
const ON_TERMINAL = ["sh", "-c", 'exec script -qec "$*" /dev/null', "sh"];

/** What must be on the screen, times aside; resolves as soon as it is. */
async function shows(member: RunningProcess, expected: string): Promise<void> {
  let seen = "";
  try {
    await member.prints((output) => {
      seen = screenOf(output);
      return seen === expected;
    });
  } catch (error) {
    assert.equal(seen, expected, String(error));
  }
}

/** The screen after this output, the last part of which may not be there yet. */
function screenOf(output: string): string {
  const screen = new Screen(80);
  try {
    screen.write(output);
    return screen.text.replaceAll(/\d\d:\d\d:\d\d/g, "HH:MM:SS");
  } catch (error) {
    return String(error);
  }
}

Deno.test({
  name: "on a terminal, what one types survives what others say",
  ignore: !await hasScript(),
  async fn() {
    await using chats = await Chats.create("alice", "bob");
    const alice = chats.startPlain("alice", ["--no-color"], {
      prefix: ON_TERMINAL,
      env: { TERM: "xterm" },
    });
    await alice.output(/Generate messages\?/);
    await alice.type("n\r");
    const begin = "Generate messages? [y/N, or a rate such as 2/s] n\n" +
      `HH:MM:SS * alice receives at ${chats.addresses.get("alice")} (UDP)\n` +
      "HH:MM:SS * Waiting for bob\n";
    await shows(alice, `${begin}alice>`);
    await alice.type("good mor");
    await shows(alice, `${begin}alice> good mor`);
    const bob = chats.start("bob");
    const together = `${begin}HH:MM:SS * You are in the chat with bob; /help lists the commands\n`;
    await shows(alice, `${together}alice> good mor`);
    await bob.type("hello\n");
    await shows(alice, `${together}HH:MM:SS bob: hello\nalice> good mor`);
    await alice.type("ning\r");
    await delivered(bob, "alice", "good morning");
    const said = `${together}HH:MM:SS bob: hello\nHH:MM:SS alice: good morning\n`;
    await shows(alice, `${said}alice>`);
    await alice.type("\x1b[A\x7f\x7f\x7f");
    await shows(alice, `${said}alice> good morn`);
    await alice.type("\x03");
    assert.equal((await alice.end()).code, 130);
    await shows(alice, `${said}HH:MM:SS * Saying goodbye`);
    await inViewOf(bob, "bob");
  },
});

Deno.test({
  name: "on a terminal Ctrl-D is a goodbye, also at the question and with --json",
  ignore: !await hasScript(),
  async fn() {
    await using chats = await Chats.create("alice");
    const options = { prefix: ON_TERMINAL, env: { TERM: "xterm" } };
    const asked = chats.startPlain("alice", [], options);
    await asked.output(/Generate messages\?/);
    await asked.type("\x04");
    assert.equal((await asked.end()).code, 0);
    const typing = chats.startPlain("alice", ["--generate", "off"], options);
    await typing.output(/alice> /);
    await typing.type("\x04");
    assert.equal((await typing.end()).code, 0);
    const json = chats.startPlain("alice", ["--json"], options);
    await json.event("view");
    await json.type("hello\r");
    await json.event("deliver");
    await json.type("\x04");
    assert.equal((await json.end()).code, 0);
  },
});

Deno.test({
  name: "who closes the window of the terminal says goodbye, and the others go on",
  ignore: !await hasScript(),
  async fn() {
    await using chats = await Chats.create("alice", "bob");
    const options = { prefix: ON_TERMINAL, env: { TERM: "xterm" } };
    const alice = chats.startPlain("alice", ["--generate", "off"], options);
    const bob = chats.start("bob");
    await alice.output(/You are in the chat with bob/);
    await alice.type("half a line");
    await alice.output(/half a line/);
    alice.kill("SIGKILL"); // This is script, which holds the other end of the terminal.
    await inViewOf(bob, "bob");
    await bob.type("still here\n");
    await delivered(bob, "bob", "still here");
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
