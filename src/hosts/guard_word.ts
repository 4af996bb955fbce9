/**
 * The hidden word with which mpcomm starts itself as the guard of a command under a lock.
 *
 * It is in no help, since nobody but mpcomm has a use for it; and it is no command, since a guard
 * takes no options and must be there fast.
 *
 * @module
 */

/** The word that makes mpcomm a guard. The path of a socket follows it. */
const GUARD_WORD = "--guard";

/** The arguments with which mpcomm is a guard that reports to this Unix socket. */
export function guardWords(socket: string): string[] {
  return [GUARD_WORD, socket];
}

/** Whether these arguments make mpcomm a guard. */
export function isGuard(args: readonly string[]): boolean {
  return args.length === 2 && args[0] === GUARD_WORD;
}

/** Is a guard, and ends the process with it. */
export async function guardToExit(args: readonly string[]): Promise<never> {
  const { runGuard } = await import("./guard_process.ts");
  Deno.exit(await runGuard(args[1]!));
}
