/**
 * mpcomm: run, compare and check group-communication protocols.
 *
 * @module
 */

import type { CommandTable } from "./src/cli/command.ts";
import { runToExit } from "./src/cli/program.ts";
import { guardToExit, isGuard } from "./src/hosts/guard_word.ts";

/** All commands. Each is loaded only when it is needed, which keeps the others fast. */
export const COMMANDS: CommandTable = {
  "lab": {
    brief: "Run a whole experiment on this machine: see disorder, then its cure",
    load: () => import("./src/cli/lab_command.ts"),
  },
  "manager": {
    brief: "Run the group manager, where processes register",
    load: () => import("./src/cli/manager_command.ts"),
  },
  "manager list": {
    brief: "Print who is registered with a group manager",
    load: () => import("./src/cli/manager_list_command.ts"),
  },
  "peer": {
    brief: "Run a process of the group",
    load: () => import("./src/cli/peer_command.ts"),
  },
  "compare": {
    brief: "Start a run of the registered processes and judge their logs",
    load: () => import("./src/cli/compare_command.ts"),
  },
  "chat": {
    brief: "Chat with others; everyone sees every line in the same order",
    load: () => import("./src/cli/chat_command.ts"),
  },
  "coordinator": {
    brief: "Keep the messages of a persistent multicast for who is offline",
    load: () => import("./src/cli/coordinator_command.ts"),
  },
  "coordinator status": {
    brief: "Print the members and their backlogs",
    load: () => import("./src/cli/coordinator_status_command.ts"),
  },
  "participant": {
    brief: "Take part in a persistent multicast, and get what was missed",
    load: () => import("./src/cli/participant_command.ts"),
  },
  "tokenring": {
    brief: "Pass a token around machines, and run commands under its lock",
    load: () => import("./src/cli/tokenring_command.ts"),
  },
  "gossip": {
    brief: "Tell rumors that spread from node to node until everybody has them",
    load: () => import("./src/cli/gossip_command.ts"),
  },
  "simulate": {
    brief: "Run a protocol in a simulated world, under faults, repeatably",
    load: () => import("./src/cli/simulate_command.ts"),
  },
  "simulate order": {
    brief: "Simulate ordered multicast",
    load: () => import("./src/cli/simulate_order_command.ts"),
  },
  "simulate persistent": {
    brief: "Simulate persistent multicast",
    load: () => import("./src/cli/simulate_persistent_command.ts"),
  },
  "simulate tokenring": {
    brief: "Simulate the token ring",
    load: () => import("./src/cli/simulate_tokenring_command.ts"),
  },
  "simulate gossip": {
    brief: "Simulate the spreading of rumors",
    load: () => import("./src/cli/simulate_gossip_command.ts"),
  },
  "completion": {
    brief: "Print a script that completes commands in bash, zsh or fish",
    load: () => import("./src/cli/completion_command.ts"),
  },
};

if (import.meta.main) {
  if (isGuard(Deno.args)) await guardToExit(Deno.args);
  await runToExit(COMMANDS, Deno.args);
}
