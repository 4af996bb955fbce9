/**
 * Why something could not be done with a file, in a few words.
 *
 * @module
 */

/** The reason without the path, which whoever reports it names, and without what Deno advises. */
export function fileReason(error: unknown): string {
  const { AlreadyExists, NotADirectory, NotCapable, NotFound, PermissionDenied } = Deno.errors;
  if (error instanceof NotFound) return "no such file or folder";
  if (error instanceof NotADirectory || error instanceof AlreadyExists) return "not a folder";
  if (error instanceof PermissionDenied || error instanceof NotCapable) return "no permission";
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/ \(os error \d+\).*$/s, "").toLowerCase();
}
