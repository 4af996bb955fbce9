/**
 * Finds the program that a command means, as a shell does.
 *
 * @module
 */

import { join } from "node:path";

/** A shell's exit code: there is no such command. */
export const EXIT_NOT_FOUND = 127;
/** A shell's exit code: the command is there and can't be run. */
export const EXIT_NOT_EXECUTABLE = 126;

/** Where commands are looked for if PATH isn't set. */
const PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";

/** A command that can't be run. */
export class CommandError extends Error {
  override name = "CommandError";
  /** What a shell would exit with: 127 if it isn't there, 126 if it can't be run. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Returns the path of the program that `command` names: itself if there is a slash in it, otherwise
 * the first one in `path`, which is PATH by default.
 *
 * @throws {CommandError} if there is none.
 */
export async function findCommand(
  command: string,
  path = Deno.env.get("PATH") ?? PATH_DEFAULT,
): Promise<string> {
  const candidates = command.includes("/")
    ? [command]
    : path.split(":").map((folder) => join(folder === "" ? "." : folder, command));
  let failure = new CommandError(`Command not found: ${command}`, EXIT_NOT_FOUND);
  if (command === "") throw failure;
  for (const candidate of candidates) {
    const obstacle = await obstacleTo(candidate);
    if (obstacle === null) return candidate;
    if (failure.exitCode === EXIT_NOT_FOUND && obstacle !== "missing") {
      failure = new CommandError(`Can't run ${candidate}: ${obstacle}`, EXIT_NOT_EXECUTABLE);
    }
  }
  throw failure;
}

/** Why a file can't be run, or null. That it can't be run by this user in particular shows when it
 * is tried. */
async function obstacleTo(file: string): Promise<string | null> {
  try {
    const { isFile, isDirectory, mode } = await Deno.stat(file);
    if (isDirectory) return "it is a folder";
    return isFile && ((mode ?? 0) & 0o111) !== 0 ? null : "it is not executable";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "no permission" : "missing";
  }
}

/** What to say if the program at `file` was found and then could not be started. */
export function startError(command: string, error: unknown): CommandError {
  if (error instanceof Deno.errors.NotFound) {
    // Or the file itself has vanished; the system doesn't say which.
    const reason = "it has vanished, or names an interpreter that is missing";
    return new CommandError(`Can't run ${command}: ${reason}`, EXIT_NOT_FOUND);
  }
  const reason = error instanceof Deno.errors.PermissionDenied
    ? "no permission"
    : (error instanceof Error ? error.message : String(error))
      .replace(/^Failed to spawn '.*': /s, "").replace(/ \(os error \d+\)$/, "");
  return new CommandError(`Can't run ${command}: ${reason}`, EXIT_NOT_EXECUTABLE);
}
