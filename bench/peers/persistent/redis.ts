/**
 * Redis Streams: XADD, and XREAD from a position that the subscriber keeps.
 *
 * Consumer groups would keep the positions in Redis, at the cost of an acknowledgement on disk each;
 * so this is the faster way, and the one that is closest to a log at the subscriber.
 *
 * @module
 */

import { AckCounter, ByteStream, join, lost } from "./byte_stream.ts";
import {
  type Contender,
  freePort,
  isPayload,
  payloadOf,
  type Publisher,
  untilListening,
} from "./measurement.ts";
import { startService } from "./broker.ts";
import type { Feed, FeedOptions } from "./subscriber.ts";

/** How to get it. */
export const INSTALL = "apt-get install redis-server";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CR = 13;

/** Redis, with a store that is flushed before each answer. */
export function redis(): Contender {
  return {
    system: "Redis Streams",
    setup: "appendfsync always",
    acknowledged: "on disk",
    start: async (folder) => {
      const port = freePort();
      const server = new Deno.Command("redis-server", {
        args: [
          ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
          ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
        ],
        stdout: "null",
      }).spawn();
      await untilListening(port, server);
      return await startService("redis", server, port, () => connect(port));
    },
  };
}

async function connect(port: number): Promise<Publisher> {
  const acks = new AckCounter();
  const stream = await ByteStream.connect(port, (bytes) => {
    let used = 0;
    let count = 0;
    // Each answer is $LENGTH\r\nID\r\n.
    for (;;) {
      const head = bytes.indexOf(CR, used);
      const end = head < 0 ? -1 : bytes.indexOf(CR, head + 1);
      if (end < 0 || end + 2 > bytes.length) break;
      if (bytes[used] !== 36) throw new Error(decoder.decode(bytes.subarray(used, head)));
      used = end + 2;
      count++;
    }
    acks.add(count);
    return used;
  });
  const head = encoder.encode("*5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\nd\r\n$100\r\n");
  const tail = encoder.encode("\r\n");
  return {
    send: (number) => stream.write(join([head, payloadOf(number), tail])),
    acknowledged: (count) => Promise.race([acks.reach(count), lost(stream)]),
    close: () => {
      stream.close();
      return stream.ended;
    },
  };
}

/** What a subscriber gets. */
export function redisFeed({ port, onMessage }: FeedOptions): Feed {
  let last = "0-0";
  let next = 0;
  let stream: ByteStream | null = null;
  const ask = () =>
    stream?.write(encoder.encode(
      `*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$4\r\n2000\r\n$5\r\nBLOCK\r\n$1\r\n0\r\n` +
        `$7\r\nSTREAMS\r\n$1\r\ns\r\n$${last.length}\r\n${last}\r\n`,
    ));
  return {
    async open() {
      stream = await ByteStream.connect(port, (bytes) => {
        const answer = parseEntries(bytes);
        if (answer === null) return 0;
        for (const { from, length } of answer.payloads) {
          if (!isPayload(bytes, from, length, next)) throw new Error(`not message ${next}`);
          next++;
        }
        last = answer.last;
        onMessage(next);
        ask();
        return answer.used;
      });
      ask();
      return stream;
    },
    close: () => {
      stream?.close();
      return Promise.resolve();
    },
  };
}

interface Entries {
  readonly used: number;
  readonly last: string;
  readonly payloads: readonly { readonly from: number; readonly length: number }[];
}

/** Reads an answer to XREAD of one stream: *1 *2 $1 s *N and N times *2 $ID *2 $1 d $100 PAYLOAD.
 * Null if it is not whole yet. */
function parseEntries(bytes: Uint8Array): Entries | null {
  let at = 0;
  const line = (): string | null => {
    const end = bytes.indexOf(CR, at);
    if (end < 0 || end + 2 > bytes.length) return null;
    const text = decoder.decode(bytes.subarray(at, end));
    at = end + 2;
    return text;
  };
  for (const expected of ["*1", "*2", "$1", "s"]) {
    const found = line();
    if (found === null) return null;
    if (found !== expected) throw new Error(`${found} instead of ${expected}`);
  }
  const count = line();
  if (count === null) return null;
  const payloads = [];
  let last = "";
  for (let i = Number(count.slice(1)); i > 0; i--) {
    // *2 $ID-LENGTH ID *2 $1 d $LENGTH
    const head = skip(bytes, at, 2);
    if (head < 0) return null;
    at = head;
    const idEnd = bytes.indexOf(CR, at);
    if (idEnd < 0) return null;
    if (i === 1) last = decoder.decode(bytes.subarray(at, idEnd));
    const fields = skip(bytes, at, 4);
    if (fields < 0) return null;
    at = fields;
    const size = line();
    if (size === null) return null;
    const length = Number(size.slice(1));
    if (at + length + 2 > bytes.length) return null;
    payloads.push({ from: at, length });
    at += length + 2;
  }
  return { used: at, last, payloads };
}

/** Where the line after some lines begins, or -1. */
function skip(bytes: Uint8Array, at: number, lines: number): number {
  for (let i = 0; i < lines; i++) {
    const end = bytes.indexOf(CR, at);
    if (end < 0 || end + 2 > bytes.length) return -1;
    at = end + 2;
  }
  return at;
}
