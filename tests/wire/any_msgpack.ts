/**
 * msgpack as any program may write it: every value in any of the widths that hold it, and, where a
 * test wants so, values of the wrong type.
 *
 * @module
 */

/** A number that is written as a float 64. */
export class Float {
  constructor(readonly value: number) {}
}

/** Bytes that are written as they are. */
export class Raw {
  constructor(readonly digits: string) {}
}

/** What a datagram is made of. A bare number is an unsigned integer, a Uint8Array a binary. */
export type Value = number | bigint | Float | Raw | Uint8Array | readonly Value[];

/** Chooses one of the widths in bytes that hold a number or a length, the narrowest first; 0 stands
 * for a number inside the type byte. */
export type ChooseWidth = (widths: readonly number[]) => number;

/** What most libraries write. */
export const narrowest: ChooseWidth = (widths) => widths[0]!;

/** What nobody has to write, and everybody has to read. */
export const widest: ChooseWidth = (widths) => widths.at(-1)!;

/** Writes a value. */
export function writeMsgpack(value: Value, choose: ChooseWidth = narrowest): Uint8Array {
  return Uint8Array.from(bytesOf(value, choose));
}

function bytesOf(value: Value, choose: ChooseWidth): number[] {
  if (value instanceof Raw) return [...Uint8Array.fromHex(value.digits)];
  if (value instanceof Float) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value.value);
    return [0xcb, ...bytes];
  }
  if (value instanceof Uint8Array) {
    const head = headOf(value.length, choose([1, 2, 4].filter((w) => fits(value.length, w))), 0xc4);
    return [...head, ...value];
  }
  if (typeof value === "object") {
    const width = choose([
      ...(value.length < 16 ? [0] : []),
      ...[2, 4].filter((w) => fits(value.length, w)),
    ]);
    const head = width === 0 ? [0x90 | value.length] : headOf(value.length, width, 0xdb);
    return [...head, ...value.flatMap((element) => bytesOf(element, choose))];
  }
  const width = choose([
    ...(value < 128 ? [0] : []),
    ...[1, 2, 4, 8].filter((w) => fits(value, w)),
  ]);
  return width === 0 ? [Number(value)] : headOf(value, width, 0xcc);
}

/** The type byte for `width`, of the family that begins at `base`, and the number. */
function headOf(value: number | bigint, width: number, base: number): number[] {
  const digits = BigInt(value).toString(16).padStart(2 * width, "0");
  return [base + Math.log2(width), ...Uint8Array.fromHex(digits)];
}

function fits(value: number | bigint, width: number): boolean {
  return BigInt(value) < 1n << BigInt(8 * width);
}
