/**
 * The environment of a command that is run under a lock.
 *
 * @module
 */

/** The variable in which the command finds the fencing number. */
export const FENCE_VARIABLE = "MPCOMM_FENCE";

/** The variable that names those which the executable has set for itself, with blanks between them:
 * a command that happens to be a program of Deno's must not get them. */
export const OWN_VARIABLES = "MPCOMM_OWN_VARIABLES";

/** What the command gets: the environment as mpcomm's user has it, and the fencing number. */
export function commandEnvironment(
  own: Readonly<Record<string, string>>,
  fence: number,
): Record<string, string> {
  const environment: Record<string, string> = { ...own };
  const names = (own[OWN_VARIABLES] ?? "").split(" ");
  for (const name of [...names, OWN_VARIABLES]) delete environment[name];
  return { ...environment, [FENCE_VARIABLE]: String(fence) };
}
