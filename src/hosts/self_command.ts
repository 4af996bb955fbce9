/**
 * How mpcomm starts copies of itself.
 *
 * `lab` runs every process of the group as a process of the operating system, and a copy must run
 * the same code as its parent, whether that came from the source tree, from the self-extracting
 * file or from a `deno compile` executable.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/**
 * What mpcomm may do, as flags of Deno. Loading native code and importing from other hosts are not
 * among it. Reading, writing and running are not narrowed to lists: logs, stores and the command
 * under a lock are whatever the user names.
 */
export const PERMISSIONS: readonly string[] = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
];

/**
 * The flags with which `deno run` starts the bundled program: nothing comes from the network or
 * from a configuration that happens to lie around, and what is not permitted fails instead of
 * asking.
 */
export const BUNDLE_FLAGS: readonly string[] = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--no-prompt",
  "--unstable-net",
  ...PERMISSIONS,
];

/** A command of the operating system. */
export interface SelfCommand {
  /** The path of the executable. */
  readonly command: string;
  /** Its arguments, the given ones last. */
  readonly args: string[];
}

/** What tells in which form mpcomm runs. */
export interface RunningForm {
  /** Whether this is a `deno compile` executable. */
  readonly standalone: boolean;
  /** The path of the running executable. */
  readonly execPath: string;
  /** The URL of the file that holds this module's code: this file, or the bundle. */
  readonly moduleUrl: string;
}

/** Where this module lies in the source tree. A bundle has another name. */
const SOURCE_PATH = "/src/hosts/self_command.ts";

/**
 * Returns the command that starts mpcomm again with `args`, in the form in which it runs now.
 *
 * The source tree starts its own `main.ts`, not the main module of the running program: that is
 * something else in a test. `form` is for tests; it is what runs now by default.
 */
export function selfCommand(args: readonly string[], form = runningForm()): SelfCommand {
  const { standalone, execPath, moduleUrl } = form;
  if (standalone) return { command: execPath, args: [...args] };
  if (!moduleUrl.endsWith(SOURCE_PATH)) {
    return { command: execPath, args: ["run", ...BUNDLE_FLAGS, fileURLToPath(moduleUrl), ...args] };
  }
  const config = fileURLToPath(new URL("../../deno.json", moduleUrl));
  const main = fileURLToPath(new URL("../../main.ts", moduleUrl));
  return {
    command: execPath,
    args: ["run", "--quiet", "--no-prompt", "--config", config, ...PERMISSIONS, main, ...args],
  };
}

function runningForm(): RunningForm {
  return {
    standalone: Deno.build.standalone,
    execPath: Deno.execPath(),
    moduleUrl: import.meta.url,
  };
}
