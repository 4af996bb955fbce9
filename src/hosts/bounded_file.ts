/**
 * Small files that a user names: configurations, members, topologies.
 *
 * @module
 */

/**
 * The bytes of a file; null if there are more than `maxBytes`. Reads from pipes too, and no more than
 * the limit, whatever the file claims to be.
 *
 * @throws {Error} what Deno throws if it can't be read.
 */
export async function readBoundedFile(path: string, maxBytes: number): Promise<Uint8Array | null> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(maxBytes + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) return bytes.subarray(0, length);
    length += read;
  }
  return null;
}
