/**
 * Sizes in bytes as people write them: `100`, `64KiB`, `1MiB`.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { quote } from "../quote.ts";
import type { Bounds } from "./whole_number.ts";
import { valueParser } from "./value_parser.ts";

const SIZE = /^(\d{1,16})(B|KiB|MiB)?$/;
const DECIMAL_SIZE = /^\d+(?:k|K|kB|KB|M|MB)$/;
const KIB_BYTES = 1024;
const MIB_BYTES = 1024 * KIB_BYTES;

/**
 * Reads a whole number of bytes, KiB (1024 bytes) or MiB (1024 KiB), within bounds in bytes.
 * `KB` and `MB` are refused: to some they are 1000, to others 1024.
 *
 * @throws {RangeError} If the text is anything else; the message quotes it.
 */
export function parseByteSize(text: string, { min, max }: Bounds): number {
  const [, digits, unit] = SIZE.exec(text) ?? [];
  const sizeBytes = digits === undefined ? NaN : Number(digits) * unitBytes(unit);
  if (sizeBytes >= min && sizeBytes <= max) return sizeBytes;
  const hint = DECIMAL_SIZE.test(text) ? " (units are KiB and MiB)" : "";
  throw new RangeError(
    `expected a size from ${min} to ${formatByteSize(max)}, such as 64KiB, got ${
      quote(text)
    }${hint}`,
  );
}

/** Writes a size in the largest unit that leaves a whole number; plain bytes have no unit. */
export function formatByteSize(sizeBytes: number): string {
  if (sizeBytes > 0 && sizeBytes % MIB_BYTES === 0) return `${sizeBytes / MIB_BYTES}MiB`;
  if (sizeBytes > 0 && sizeBytes % KIB_BYTES === 0) return `${sizeBytes / KIB_BYTES}KiB`;
  return `${sizeBytes}`;
}

/** A value parser for a size within bounds in bytes. */
export function byteSize(bounds: Bounds): ValueParser<"sync", number> {
  return valueParser({
    metavar: "BYTES",
    example: `${bounds.min}`,
    parse: (text) => parseByteSize(text, bounds),
    format: formatByteSize,
  });
}

function unitBytes(unit: string | undefined): number {
  if (unit === "MiB") return MIB_BYTES;
  return unit === "KiB" ? KIB_BYTES : 1;
}
