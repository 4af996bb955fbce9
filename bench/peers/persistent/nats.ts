/**
 * NATS JetStream: a stream in a file, a durable push consumer a subscriber.
 *
 * @module
 */

import { AckCounter, ByteStream, join, lost } from "./byte_stream.ts";
import {
  type Contender,
  freePort,
  isPayload,
  PAYLOAD_BYTES,
  payloadOf,
  type Publisher,
  untilListening,
} from "./measurement.ts";
import { startService } from "./broker.ts";
import type { Feed, FeedOptions } from "./subscriber.ts";

/** How to get it. */
export const INSTALL = "apt-get install nats-server";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LF = 10;
/** A subscriber acknowledges once for so many messages: `ack_policy` all. */
const ACK_EVERY = 100;

/** JetStream; with `sync_interval` always where the server knows that, which it does from 2.10 on.
 * Before that it acknowledges what is in the page cache, and flushes it every two minutes. */
export async function nats(folder: string): Promise<Contender> {
  const version = await versionOf();
  const canSync = await accepts(`${folder}/probe.conf`, configOf(0, folder, true));
  return {
    system: "NATS JetStream",
    setup: canSync ? `${version}, sync_interval always` : `${version}, can't sync always`,
    acknowledged: canSync ? "on disk" : "in memory",
    start: async (folder) => {
      const port = freePort();
      const config = `${folder}/nats.conf`;
      await Deno.writeTextFile(config, configOf(port, folder, canSync));
      const server = new Deno.Command("nats-server", { args: ["-c", config], stderr: "null" })
        .spawn();
      await untilListening(port, server);
      await createStream(port);
      return await startService("nats", server, port, () => connect(port));
    },
  };
}

function configOf(port: number, folder: string, sync: boolean): string {
  return `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${folder}/jetstream"${sync ? ", sync_interval: always" : ""} }
`;
}

async function accepts(path: string, config: string): Promise<boolean> {
  await Deno.writeTextFile(path, config);
  const { success } = await new Deno.Command("nats-server", { args: ["-t", "-c", path] }).output();
  return success;
}

async function versionOf(): Promise<string> {
  const { stdout } = await new Deno.Command("nats-server", { args: ["--version"] }).output();
  return /\d[\d.]+/.exec(decoder.decode(stdout))?.[0] ?? "?";
}

/** A message that came. */
interface Delivery {
  readonly sid: string;
  readonly reply: string;
  /** Where its content is. */
  readonly from: number;
  readonly length: number;
}

/** A connection that answers pings, and hands on messages. `onChunk` is called after those of one
 * read. */
async function open(
  port: number,
  onDelivery: (bytes: Uint8Array, delivery: Delivery) => void,
  onChunk: () => void = () => {},
): Promise<ByteStream> {
  const ready = Promise.withResolvers<void>();
  const stream = await ByteStream.connect(port, (bytes) => {
    let used = 0;
    for (;;) {
      const end = bytes.indexOf(LF, used);
      if (end < 0) break;
      const line = decoder.decode(bytes.subarray(used, end - 1));
      if (line.startsWith("MSG ") || line.startsWith("HMSG ")) {
        const words = line.split(" ");
        const length = Number(words.at(-1));
        if (end + 1 + length + 2 > bytes.length) break;
        const reply = words.length === 5 ? words[3]! : "";
        onDelivery(bytes, { sid: words[2]!, reply, from: end + 1, length });
        used = end + 1 + length + 2;
        continue;
      }
      if (line.startsWith("-ERR")) throw new Error(line);
      if (line === "PING") stream.write(encoder.encode("PONG\r\n"));
      if (line === "PONG") ready.resolve();
      used = end + 1;
    }
    onChunk();
    return used;
  });
  stream.write(encoder.encode('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n'));
  await Promise.race([ready.promise, lost(stream)]);
  return stream;
}

/** Asks the server's API. */
async function ask(port: number, subject: string, body: unknown): Promise<void> {
  const answered = Promise.withResolvers<string>();
  const stream = await open(port, (bytes, { from, length }) => {
    answered.resolve(decoder.decode(bytes.subarray(from, from + length)));
  });
  const text = JSON.stringify(body);
  stream.write(encoder.encode(
    `SUB _INBOX.api 1\r\nPUB $JS.API.${subject} _INBOX.api ${text.length}\r\n${text}\r\n`,
  ));
  const answer = await Promise.race([answered.promise, lost(stream)]);
  stream.close();
  if (answer.includes('"error"')) throw new Error(answer);
}

function createStream(port: number): Promise<void> {
  return ask(port, "STREAM.CREATE.s", {
    ...{ name: "s", subjects: ["s"], storage: "file", retention: "limits", num_replicas: 1 },
    ...{ max_msgs: -1, max_bytes: -1, max_age: 0, max_consumers: -1, discard: "old" },
  });
}

async function connect(port: number): Promise<Publisher> {
  const acks = new AckCounter();
  let count = 0;
  const stream = await open(port, (bytes, { from, length }) => {
    const text = decoder.decode(bytes.subarray(from, from + length));
    if (text.includes('"error"')) throw new Error(text);
    count++;
  }, () => {
    acks.add(count);
    count = 0;
  });
  const inbox = `_INBOX.${crypto.randomUUID()}`;
  stream.write(encoder.encode(`SUB ${inbox} 1\r\n`));
  const head = encoder.encode(`PUB s ${inbox} ${PAYLOAD_BYTES}\r\n`);
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
export function natsFeed(options: FeedOptions): Feed {
  return new NatsFeed(options);
}

class NatsFeed implements Feed {
  readonly #options: FeedOptions;
  #stream: ByteStream | null = null;
  #next = 0;
  #acknowledged = 0;
  /** Where to acknowledge the latest message. */
  #reply = "";

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async open(): Promise<ByteStream> {
    const { port, name } = this.#options;
    const isFirst = this.#stream === null;
    this.#stream = await open(port, (bytes, delivery) => this.#take(bytes, delivery), () => {
      if (this.#next - this.#acknowledged >= ACK_EVERY) this.#acknowledge();
      this.#options.onMessage(this.#next);
    });
    this.#stream.write(encoder.encode(`SUB deliver.${name} 1\r\n`));
    if (isFirst) await createConsumer(port, name);
    return this.#stream;
  }

  async close(): Promise<void> {
    // What it has is acknowledged before it goes: else it would come again.
    this.#acknowledge();
    await this.#stream!.written();
    this.#stream!.close();
  }

  #take(bytes: Uint8Array, { reply, from, length }: Delivery): void {
    if (!isPayload(bytes, from, length, this.#next)) throw new Error(`not message ${this.#next}`);
    this.#next++;
    this.#reply = reply;
  }

  #acknowledge(): void {
    if (this.#next === this.#acknowledged) return;
    this.#acknowledged = this.#next;
    this.#stream!.write(encoder.encode(`PUB ${this.#reply} 4\r\n+ACK\r\n`));
  }
}

function createConsumer(port: number, name: string): Promise<void> {
  return ask(port, `CONSUMER.DURABLE.CREATE.s.${name}`, {
    stream_name: "s",
    config: {
      ...{ durable_name: name, deliver_subject: `deliver.${name}`, ack_policy: "all" },
      ...{ deliver_policy: "all", replay_policy: "instant", max_ack_pending: 20_000 },
    },
  });
}
