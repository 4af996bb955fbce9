/**
 * The values that travel inside frames: standard msgpack, and of it only null, booleans, numbers,
 * strings, binaries, arrays and maps with strings as keys.
 *
 * The decoder of `msgpackr` knows much more (records, dates, regular expressions, references to
 * earlier values) and some of it lets a stranger's bytes do harm: references make a small message
 * decode to one that takes for ever to walk. So every message is inspected before the decoder sees
 * it, and what isn't plain is refused. The same inspection on the way out finds our own mistakes.
 *
 * @module
 */

// The entry point without eval and without the native addon, which a single executable can't carry.
// @ts-types="msgpackr"
import { Packr } from "msgpackr/index-no-eval";

/** How deeply arrays and maps may be nested. Our own messages need 4. */
const MAX_DEPTH = 16;

const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  int64AsType: "number",
});

/**
 * Encodes a value; undefined is written as null. The result is valid until the next call: it is a
 * view on a buffer that is used again.
 *
 * @throws {TypeError} if {@linkcode decodeValue} would refuse the result, as with a date, a symbol or
 * an integer beyond 2^53 - 1.
 */
export function encodeValue(value: unknown): Uint8Array {
  try {
    const { buffer, byteOffset, byteLength } = packr.encode(value);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    assertPlain(bytes);
    return bytes;
  } catch (error) {
    throw new TypeError(`The value can't be encoded: ${(error as Error).message}`);
  }
}

/**
 * Decodes one value that fills `bytes` exactly. Binaries in it are views on `bytes`.
 *
 * A map's key `__proto__` is read as `__proto_`, so no message can change a prototype.
 *
 * @throws {SyntaxError} if it is not one plain value; nothing is decoded then.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  assertPlain(bytes);
  return packr.decode(bytes);
}

/** An array or map whose elements are being read. */
interface Container {
  /** Values still to come; in a map keys and values count alike, so a key is next when even. */
  remaining: number;
  readonly isMap: boolean;
}

/** The start of a value: what it is, and where reading goes on. */
interface Head {
  readonly type: "scalar" | "string" | "array" | "map";
  /** The offset behind the value, or behind the header of an array or map. */
  readonly end: number;
  /** Elements of an array, entries of a map. */
  readonly count: number;
}

function assertPlain(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const open: Container[] = [];
  let offset = 0;
  do {
    if (offset >= bytes.length) throw endsEarly(bytes.length);
    const head = readHead(view, offset);
    if (head.end > bytes.length) throw endsEarly(bytes.length);

    const container = open.at(-1);
    if (container !== undefined) {
      if (container.isMap && container.remaining % 2 === 0 && head.type !== "string") {
        throw new SyntaxError(`Byte ${offset}: a map's key must be a string`);
      }
      container.remaining--;
    }
    if (head.type === "array" || head.type === "map") {
      const isMap = head.type === "map";
      const remaining = isMap ? head.count * 2 : head.count;
      // Each value takes a byte at least, so a larger count is a lie: find it before it costs memory.
      if (remaining > bytes.length - head.end) throw endsEarly(bytes.length);
      if (open.length === MAX_DEPTH) {
        throw new SyntaxError(`Byte ${offset}: nested more than ${MAX_DEPTH} deep`);
      }
      open.push({ remaining, isMap });
    }
    while (open.at(-1)?.remaining === 0) open.pop();
    offset = head.end;
  } while (open.length > 0);
  if (offset < bytes.length) {
    throw new SyntaxError(`Byte ${offset}: the value ends here, but ${bytes.length} bytes came`);
  }
}

function endsEarly(length: number): SyntaxError {
  return new SyntaxError(`The value goes on behind its last byte, number ${length - 1}`);
}

function readHead(view: DataView, offset: number): Head {
  try {
    return parseHead(view, offset);
  } catch (error) {
    if (error instanceof RangeError) throw endsEarly(view.byteLength);
    throw error;
  }
}

/** The format table of the msgpack specification. A read behind the end throws a RangeError. */
function parseHead(view: DataView, offset: number): Head {
  const token = view.getUint8(offset);
  const next = offset + 1;
  if (token < 0x80 || token >= 0xe0) return scalar(next);
  if (token < 0x90) return container("map", next, token - 0x80);
  if (token < 0xa0) return container("array", next, token - 0x90);
  if (token < 0xc0) return string(next + token - 0xa0);
  switch (token) {
    case 0xc0: // nil
    case 0xc2: // false
    case 0xc3: // true
      return scalar(next);
    case 0xc4: // bin 8, 16, 32
      return scalar(next + 1 + view.getUint8(next));
    case 0xc5:
      return scalar(next + 2 + view.getUint16(next));
    case 0xc6:
      return scalar(next + 4 + view.getUint32(next));
    case 0xca: // float 32, 64
      return scalar(next + 4);
    case 0xcb:
      return scalar(next + 8);
    case 0xcc: // unsigned and signed integers of 8, 16, 32 and 64 bits
    case 0xd0:
      return scalar(next + 1);
    case 0xcd:
    case 0xd1:
      return scalar(next + 2);
    case 0xce:
    case 0xd2:
      return scalar(next + 4);
    case 0xcf:
      assertSafe(view.getBigUint64(next), offset);
      return scalar(next + 8);
    case 0xd3:
      assertSafe(view.getBigInt64(next), offset);
      return scalar(next + 8);
    case 0xd9: // str 8, 16, 32
      return string(next + 1 + view.getUint8(next));
    case 0xda:
      return string(next + 2 + view.getUint16(next));
    case 0xdb:
      return string(next + 4 + view.getUint32(next));
    case 0xdc: // array 16, 32
      return container("array", next + 2, view.getUint16(next));
    case 0xdd:
      return container("array", next + 4, view.getUint32(next));
    case 0xde: // map 16, 32
      return container("map", next + 2, view.getUint16(next));
    case 0xdf:
      return container("map", next + 4, view.getUint32(next));
    case 0xc1:
      throw new SyntaxError(`Byte ${offset}: 0xc1 is never used`);
    default:
      throw new SyntaxError(`Byte ${offset}: extension types are refused`);
  }
}

function scalar(end: number): Head {
  return { type: "scalar", end, count: 0 };
}

function string(end: number): Head {
  return { type: "string", end, count: 0 };
}

function container(type: "array" | "map", end: number, count: number): Head {
  return { type, end, count };
}

function assertSafe(value: bigint, offset: number): void {
  if (value < BigInt(Number.MIN_SAFE_INTEGER) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new SyntaxError(`Byte ${offset}: the integer ${value} is beyond 2^53 - 1`);
  }
}
