/**
 * How the processes of a lab notice that the lab is gone, whatever ended it: the pipe that it holds
 * to their standard input closes.
 *
 * @module
 */

/** The variable with which a lab starts its processes. */
export const LAB_VARIABLE = "MPCOMM_LAB";

/** Resolves at the end of standard input, if a lab started this process; otherwise never. */
export async function stopAtEndOfInput(): Promise<void> {
  if (Deno.env.get(LAB_VARIABLE) === undefined) return await new Promise(() => {});
  const buffer = new Uint8Array(64);
  try {
    while (await Deno.stdin.read(buffer) !== null);
  } catch {
    // A pipe that can't be read has ended too.
  }
}
