/**
 * A node of a gossip network on a real terminal, as far as this machine has one to offer: `script` of
 * util-linux.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Gossips, hears, tell } from "./gossips.ts";
import { RunningProcess } from "./processes.ts";
import { Screen } from "./screen.ts";

/** Words that run the words after them on a pseudo-terminal. */
const ON_TERMINAL = ["sh", "-c", 'exec script -qec "$*" /dev/null', "sh"];

/** No complaint is broken, however long the name of the file is. */
const COLUMNS = 400;

/** The screen after this output, the last part of which may not be there yet. */
function screenOf(output: string): string {
  const screen = new Screen(COLUMNS);
  try {
    screen.write(output);
    return screen.text.replaceAll(/127\.0\.0\.1:\d+/g, "PORT");
  } catch (error) {
    return String(error);
  }
}

/** Resolves when this is on the screen, ports aside. */
async function shows(process: RunningProcess, expected: string): Promise<void> {
  let seen = "";
  try {
    await process.prints((output) => (seen = screenOf(output)) === expected);
  } catch (error) {
    assert.equal(seen, expected, String(error));
  }
}

Deno.test({
  name: "on a terminal a node asks who it is, how many to add, and for their names one by one",
  ignore: !await hasScript(),
  async fn() {
    await using network = await Gossips.of("a", "b", "c");
    const b = network.start("b");
    await b.event("listening");
    const words = ["gossip", "--machines", network.file, "--no-color"];
    await using a = RunningProcess.start(words, { prefix: ON_TERMINAL, env: { TERM: "xterm" } });
    let screen = "";
    const answer = async (question: string, typed: string, complaint?: string) => {
      await shows(a, `${screen}${question}`);
      await a.type(`${typed}\r`);
      screen += `${question} ${typed}\n`;
      if (complaint !== undefined) screen += `mpcomm gossip: ${complaint}\n`;
    };
    await answer("Your name?", "z", `there is no z in ${network.file}, only a, b and c`);
    await answer("Your name?", "a");
    const count = "How many nodes to add? [0]";
    await answer(count, "3", 'expected a whole number from 0 to 2, got "3"');
    await answer(count, "2");
    await answer("Name of node 1?", "a", "a is this node itself");
    await answer("Name of node 1?", "b");
    await answer("Name of node 2?", "b", "b was added already");
    await answer("Name of node 2?", "d", `there is no "d" in ${network.file}, only a, b and c`);
    await answer("Name of node 2?", "c");
    screen += "a at PORT: looking for b and c\nb is up\n";
    await shows(a, `${screen}a>`);

    await a.type("say hel");
    await shows(a, `${screen}a> say hel`);
    await tell(b, "say good morning");
    screen += "b: good morning (hops 1)\n";
    await shows(a, `${screen}a> say hel`);
    await a.type("lo\r");
    await hears(b, "hello");
    screen += "a> say hello\na: hello (hops 0)\n";
    await shows(a, `${screen}a>`);
    await a.type("\x04");
    const { code, stdout } = await a.end();
    assert.equal(code, 0);
    assert.match(screenOf(stdout), /\nok: goodbye\nRumors: 2, sent \d+ times/);
    await b.event("peer", ({ name, state }) => name === "a" && state === "down");
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
