/**
 * A program with commands that end in each way in which a command can end.
 *
 * @module
 */

import type { Command, CommandTable } from "../../src/cli/command.ts";
import { parser } from "../../src/cli/manager_list_command.ts";
import { runToExit } from "../../src/cli/program.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const ENDS: Readonly<Record<string, Command["run"]>> = {
  violated: (_options, terminal) => {
    terminal.result("violated");
    return Promise.resolve(3);
  },
  usage: () => Promise.reject(new UsageError("peers.txt:3: No address")),
  failure: () => Promise.reject(new Deno.errors.AddrInUse("Port 5678 is in use\non this machine")),
  nameless: () => Promise.reject(new TypeError()),
  text: () => Promise.reject("Not even an error"),
  callback: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error("Thrown in a callback");
      });
    }),
  rejection: () => {
    Promise.reject(new Error("Rejected where nobody waits"));
    return new Promise((resolve) => setTimeout(() => resolve(0), 60_000));
  },
};

const table: CommandTable = Object.fromEntries(
  Object.entries(ENDS).map(([name, run]) => [name, {
    brief: name,
    load: () => Promise.resolve({ usage: [], description: [], examples: [], parser, run }),
  }]),
);

await runToExit(table, Deno.args);
