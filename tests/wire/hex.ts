/**
 * Bytes as they stand in docs/PROTOCOL.md.
 *
 * @module
 */

/** A frame in hexadecimal, its length set apart. */
export function hex(frame: Uint8Array): string {
  return `${frame.subarray(0, 4).toHex()} ${frame.subarray(4).toHex()}`;
}

/** Bytes from hexadecimal digits; spaces and line breaks don't count. */
export function unhex(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits.replaceAll(/\s/g, ""));
}
