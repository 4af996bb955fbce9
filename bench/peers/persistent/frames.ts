/**
 * The frames of mpcomm's protocol, as a parser.
 *
 * @module
 */

import { FrameReader } from "../../../src/wire/framing.ts";
import { decodeValue } from "../../../src/wire/msgpack.ts";
import type { Parser } from "./byte_stream.ts";

/** Hands on what each frame holds. `onChunk` is called after those of one read. */
export function frames(onValue: (value: unknown) => void, onChunk = () => {}): Parser {
  const reader = new FrameReader();
  return (bytes) => {
    reader.push(bytes);
    for (let body = reader.read(); body !== undefined; body = reader.read()) {
      onValue(decodeValue(body));
    }
    onChunk();
    return bytes.length;
  };
}
