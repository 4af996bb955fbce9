/**
 * Mosquitto: MQTT 3.1.1 with QoS 1 and sessions that outlive their connections.
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
export const INSTALL = "apt-get install mosquitto";

const encoder = new TextEncoder();
const [CONNACK, PUBLISH, PUBACK, SUBACK] = [2, 3, 4, 9];
const DISCONNECT = new Uint8Array([0xe0, 0]);

/** Mosquitto. It acknowledges what it has in memory, and writes that to disk from time to time. */
export function mosquitto(): Contender {
  return {
    system: "Mosquitto",
    setup: "QoS 1, persistence",
    acknowledged: "in memory",
    start: async (folder) => {
      const port = freePort();
      const config = `${folder}/mosquitto.conf`;
      await Deno.writeTextFile(
        config,
        `listener ${port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location ${folder}/
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
log_type error
${Deno.uid() === 0 ? "user root\n" : ""}`,
      );
      const server = new Deno.Command("mosquitto", { args: ["-c", config], stderr: "null" })
        .spawn();
      await untilListening(port, server);
      return await startService("mosquitto", server, port, () => connect(port));
    },
  };
}

async function connect(port: number): Promise<Publisher> {
  const acks = new AckCounter();
  const greeted = Promise.withResolvers<void>();
  const stream = await ByteStream.connect(port, (bytes) => {
    let count = 0;
    const used = packets(bytes, (type) => {
      if (type === CONNACK) greeted.resolve();
      if (type === PUBACK) count++;
    });
    acks.add(count);
    return used;
  });
  stream.write(connectPacket("publisher", true));
  await Promise.race([greeted.promise, lost(stream)]);
  let sent = 0;
  // QoS 1, with a remaining length of 105: topic, packet number, message.
  const head = new Uint8Array([0x32, 105, 0, 1, "s".charCodeAt(0)]);
  return {
    send: (number) => {
      const id = sent++ % 65_535 + 1;
      stream.write(join([head, new Uint8Array([id >> 8, id & 255]), payloadOf(number)]));
    },
    acknowledged: (count) => Promise.race([acks.reach(count), lost(stream)]),
    close: () => {
      stream.write(DISCONNECT);
      return stream.ended; // The server closes.
    },
  };
}

/** What a subscriber gets. */
export function mosquittoFeed({ port, name, onMessage }: FeedOptions): Feed {
  let next = 0;
  let stream: ByteStream | null = null;
  return {
    async open() {
      const subscribed = Promise.withResolvers<void>();
      stream = await ByteStream.connect(port, (bytes) => {
        const before = next;
        const acks: Uint8Array[] = [];
        const used = packets(bytes, (type, from, end) => {
          if (type === SUBACK) subscribed.resolve();
          if (type !== PUBLISH) return;
          // Length of the topic, the topic of one letter, the packet number.
          if (!isPayload(bytes, from + 5, end - from - 5, next)) {
            throw new Error(`not message ${next}`);
          }
          acks.push(new Uint8Array([PUBACK << 4, 2, bytes[from + 3]!, bytes[from + 4]!]));
          next++;
        });
        if (acks.length > 0) stream!.write(join(acks));
        if (next > before) onMessage(next);
        return used;
      });
      stream.write(connectPacket(name, false));
      stream.write(new Uint8Array([0x82, 6, 0, 1, 0, 1, "s".charCodeAt(0), 1]));
      await Promise.race([subscribed.promise, lost(stream)]);
      return stream;
    },
    close: () => {
      stream!.write(DISCONNECT);
      return stream!.ended; // The server closes.
    },
  };
}

/** Cuts bytes into packets: their type, and where their content begins and ends. */
function packets(
  bytes: Uint8Array,
  onPacket: (type: number, from: number, end: number) => void,
): number {
  let used = 0;
  for (;;) {
    let at = used + 1;
    let length = 0;
    for (let shift = 0;; shift += 7) {
      if (at >= bytes.length) return used;
      const digit = bytes[at++]!;
      length += (digit & 127) << shift;
      if (digit < 128) break;
    }
    if (at + length > bytes.length) return used;
    onPacket(bytes[used]! >> 4, at, at + length);
    used = at + length;
  }
}

function connectPacket(name: string, isClean: boolean): Uint8Array {
  const id = encoder.encode(name);
  return join([
    new Uint8Array([0x10, 12 + id.length, 0, 4]),
    encoder.encode("MQTT"),
    // Version 4, flags, no keepalive.
    new Uint8Array([4, isClean ? 2 : 0, 0, 0, 0, id.length]),
    id,
  ]);
}
