/**
 * A look at what a process receives: a relay for its datagrams.
 *
 * A peer that advertises the tap's address gets everything through it, as from a router that
 * translates addresses. So a test knows how far a run is without waiting for time to pass, and has
 * true datagrams at hand to play with.
 *
 * @module
 */

import assert from "node:assert/strict";

/** So many of the last datagrams are kept. */
const KEPT = 500;

/** No test waits longer than this for datagrams. */
const BOUND_MS = 90_000;

/** A UDP port that hands everything on to another one. */
export class DatagramTap implements AsyncDisposable {
  readonly #socket: Deno.DatagramConn;
  readonly #relaying: Promise<void>;
  readonly #kept: Uint8Array[] = [];
  #target: Deno.NetAddr | null = null;
  /** What waits for {@linkcode release}; null while nothing is held. */
  #held: Uint8Array[] | null = null;
  #awaited: { readonly count: number; readonly reached: () => void } | null = null;

  /** How many datagrams came so far. */
  count = 0;

  /** Opens a tap on any port of this machine. */
  static open(): DatagramTap {
    return new DatagramTap();
  }

  private constructor() {
    this.#socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    this.#relaying = this.#relay();
  }

  /** Where datagrams come in. */
  get address(): string {
    const { hostname, port } = this.#socket.addr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  /** The last datagrams, in the order in which they came. */
  get datagrams(): readonly Uint8Array[] {
    return this.#kept;
  }

  /** Says where datagrams go from now on. Until then they are lost. */
  forwardTo(address: string): void {
    this.#target = udpAddress(address);
  }

  /** Hands nothing on until {@linkcode release}. So a run can't come to its end meanwhile. */
  hold(): void {
    this.#held ??= [];
  }

  /** Hands on what was held, and again whatever comes. */
  async release(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = null;
    for (const bytes of held) await this.#handOn(bytes);
  }

  /** Resolves when so many more datagrams have come. */
  async more(count: number): Promise<void> {
    assert.equal(this.#awaited, null, "one may wait at a time");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#awaited = { count: this.count + count, reached: resolve };
    const timer = setTimeout(
      () => reject(new Error(`${this.count} datagrams after ${BOUND_MS} ms`)),
      BOUND_MS,
    );
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#awaited = null;
    }
  }

  /** Closes the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#relaying;
  }

  async #handOn(bytes: Uint8Array): Promise<void> {
    // A send that fails is a datagram lost, as happens anywhere.
    if (this.#target !== null) await this.#socket.send(bytes, this.#target).catch(() => {});
  }

  async #relay(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      this.count++;
      this.#kept.push(bytes);
      if (this.#kept.length > KEPT) this.#kept.shift();
      if (this.#held !== null) this.#held.push(bytes);
      else await this.#handOn(bytes);
      if (this.#awaited !== null && this.count >= this.#awaited.count) this.#awaited.reached();
    }
  }
}

/** `HOST:PORT` as Deno wants it, IPv4 only. */
export function udpAddress(address: string): Deno.NetAddr {
  const [hostname, port] = address.split(":");
  return { transport: "udp", hostname: hostname!, port: Number(port) };
}
