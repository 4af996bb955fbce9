/**
 * Writing all of it, before anything else happens.
 *
 * @module
 */

/** Where bytes go, such as `Deno.stdout`. */
export interface ByteSink {
  /** Writes some of the bytes and returns how many. */
  writeSync(bytes: Uint8Array): number;
}

const RETRY_MS = 2;

/**
 * Writes all bytes and returns only then, so that nothing is lost if the program ends right after.
 * A full pipe is waited for, also one that another program made non-blocking; meanwhile nothing
 * else runs, exactly as with a blocking pipe.
 *
 * @returns False if nobody reads at the other end any more.
 * @throws What the sink throws for any other reason, such as a full disk.
 */
export function writeFully(sink: ByteSink, bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += sink.writeSync(bytes.subarray(written));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return false;
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      sleepSync(RETRY_MS);
    }
  }
  return true;
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
