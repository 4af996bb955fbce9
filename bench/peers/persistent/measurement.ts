/**
 * What is measured of a persistent multicast, of whichever system: one publisher, ten subscribers.
 *
 * @module
 */

/** So many subscribers, each a process of its own. */
export const SUBSCRIBERS = 10;

/** The size of a message in bytes. */
export const PAYLOAD_BYTES = 100;

/** The publisher has at most so many messages without an acknowledgement. */
export const WINDOW = 1024;

/** How many messages a measurement takes. */
export interface Sizes {
  /** Pipelined. */
  readonly pipelined: number;
  /** One at a time, on a kept connection. */
  readonly oneByOne: number;
  /** One at a time, with a connection each. */
  readonly connections: number;
  /** What waits for a subscriber that reconnects. */
  readonly backlog: number;
}

/** What came out of one run. */
export interface Result {
  /** Acknowledgements a second, pipelined. */
  readonly acknowledgedPerSecond: number;
  /** Messages that all subscribers together got a second, meanwhile: until the last one had all. */
  readonly deliveredPerSecond: number;
  /** One at a time, from sending to the acknowledgement, in microseconds. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** One at a time with a connection each, a second. */
  readonly connectionsPerSecond: number;
  /** Until a subscriber that reconnects has what waited for it, in milliseconds. */
  readonly backlogMs: number;
}

/** A publisher's connection. Messages are numbered from 0 over the whole run. */
export interface Publisher {
  /** Sends message `number`. */
  send(number: number): void;
  /** Resolves when so many of the messages sent on this connection are acknowledged. */
  acknowledged(count: number): Promise<void>;
  /** Ends the connection as the protocol wants it. */
  close(): Promise<void>;
}

/** One of the subscribers. It verifies that each message comes once, in order and as it was sent. */
export interface Subscriber {
  /** Resolves when it has messages 0 to `count` - 1, with the time of that, in milliseconds since the
   * epoch. */
  received(count: number): Promise<number>;
  /** Goes offline. Messages wait for it from now on. */
  leave(): Promise<void>;
  /** Comes back. */
  comeBack(): Promise<void>;
  /** Asserts that it got messages 0 to `count` - 1, each once and in this order. */
  verify(count: number): Promise<void>;
}

/** A running system with its subscribers. */
export interface Service extends AsyncDisposable {
  connect(): Promise<Publisher>;
  readonly subscribers: readonly Subscriber[];
}

/** A system in one of the ways in which it can be set up. */
export interface Contender {
  readonly system: string;
  /** How it is set up, in a few words. */
  readonly setup: string;
  /** What an acknowledgement means. */
  readonly acknowledged: "on disk" | "in memory";
  /** Starts it with an empty store in a folder. */
  start(folder: string): Promise<Service>;
}

/** A message: its number in eight digits, and letters. */
export function payloadOf(number: number): Uint8Array {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill("x".charCodeAt(0));
  for (let i = 7, rest = number; i >= 0; i--, rest = Math.floor(rest / 10)) {
    payload[i] = 48 + rest % 10;
  }
  return payload;
}

/** Whether `bytes`, from `offset` on, are message `number`. */
export function isPayload(bytes: Uint8Array, offset: number, length: number, number: number) {
  if (length !== PAYLOAD_BYTES || bytes[offset + length - 1] !== 120) return false;
  let digits = 0;
  for (let i = 0; i < 8; i++) digits = digits * 10 + bytes[offset + i]! - 48;
  return digits === number;
}

/** Milliseconds since the epoch, with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A port that nobody uses at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Resolves when a server takes connections. */
export async function untilListening(port: number, server: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  void server.status.then(() => hasEnded = true);
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (hasEnded) throw new Error("the server has ended at once");
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
