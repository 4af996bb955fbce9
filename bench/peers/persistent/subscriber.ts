/**
 * One subscriber of a broker, as a process: `subscriber.ts SYSTEM PORT NAME`. It reads commands from
 * stdin, and answers each with a line: `open`, `leave`, `count N` (when it has so many messages, with
 * the time of that), `total`. It ends with its input.
 *
 * @module
 */

import { linesOf } from "./lines.ts";
import { now } from "./measurement.ts";
import { mosquittoFeed } from "./mosquitto.ts";
import { mpcommFeed } from "./mpcomm_feed.ts";
import { natsFeed } from "./nats.ts";
import { redisFeed } from "./redis.ts";

/** What a feed needs to know. */
export interface FeedOptions {
  readonly port: number;
  readonly name: string;
  /** Told how many messages have come so far. */
  readonly onMessage: (count: number) => void;
}

/** Messages that come. */
export interface Coming {
  /** Resolves when no more will come; rejects if they are not what was sent. */
  readonly ended: Promise<void>;
}

/** Messages from a broker. */
export interface Feed {
  /** Resolves when messages can come. */
  open(): Promise<Coming>;
  /** Goes away as somebody who comes back. */
  close(): Promise<void>;
}

const FEEDS = { redis: redisFeed, mosquitto: mosquittoFeed, nats: natsFeed, mpcomm: mpcommFeed };

/** What it can subscribe to. */
export type SystemName = keyof typeof FEEDS;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const [system, port, name] = Deno.args;
  let total = 0;
  let awaited = Infinity;
  const told = (count: number) => {
    total = count;
    if (total < awaited) return;
    awaited = Infinity;
    say(String(now()));
  };
  const feed = FEEDS[system as SystemName]({ port: Number(port), name: name!, onMessage: told });
  for await (const command of linesOf(Deno.stdin.readable)) {
    const [word, count] = command.split(" ");
    if (word === "open") {
      const coming = await feed.open();
      coming.ended.catch((error: Error) => say(`error: ${error.message}`));
      say("open");
    } else if (word === "leave") {
      await feed.close();
      say("left");
    } else if (word === "total") {
      say(String(total));
    } else {
      awaited = Number(count);
      told(total);
    }
  }
  Deno.exit(0);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
