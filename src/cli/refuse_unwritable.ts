/**
 * Where logs can't be kept, the user hears of it before the run and not after it.
 *
 * @module
 */

import { fileReason } from "../hosts/file_reason.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Makes the folder that an option names if it isn't there, and a file in it for a moment.
 *
 * @throws {UsageError} naming the folder, if that isn't possible.
 */
export async function refuseUnwritable(folder: string, option = "--out"): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder }));
  } catch (error) {
    throw new UsageError(`${option}: Cannot write to ${folder}: ${fileReason(error)}`);
  }
}
