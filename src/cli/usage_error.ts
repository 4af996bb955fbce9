/**
 * The error for what the user got wrong.
 *
 * @module
 */

/**
 * Wrong usage: a bad option, a bad file, an unknown command. The program ends with exit code 2 and
 * prints the message on one line after the name of the command, as in `mpcomm lab: MESSAGE`, so
 * the message names the option or the file and line, and has no full stop.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
