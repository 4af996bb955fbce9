/**
 * A kept TCP connection to who gets the token next, for tokens alone.
 *
 * Whoever has sent a datagram is woken once more when it has been read, and that costs a token that
 * flies a quarter of its speed. So it goes over a connection. Everything else goes in datagrams, and so
 * does the token whenever the connection could keep it waiting: while there is none, while another one
 * has yet to be written, and when it is sent again. No timeout of TCP's is ever waited for, and where
 * TCP is blocked all goes on without it.
 *
 * @module
 */

import type { Millis, ProcessId } from "../protocols/process.ts";
import type { TokenMessage } from "../protocols/token_ring/messages.ts";
import type { Address } from "../wire/address.ts";
import { HEADER_BYTES, writeFrameLength } from "../wire/framing.ts";
import { encodeValue } from "../wire/msgpack.ts";
import type { RingTokensRequest } from "../wire/ring_control_messages.ts";
import { MAX_TOKEN_BYTES, type RingDatagrams } from "../wire/ring_datagrams.ts";
import type { RingMachine } from "./ring_identity.ts";
import { openTcp } from "./tcp_client.ts";

/** After a connection that failed, another one is tried so much later. */
const TRY_AGAIN_MS: Millis = 1000;

/** Who brings tokens. */
export interface TokenSender {
  /** Names machines and lease. */
  readonly group: number;
  /** The node's name. */
  readonly name: string;
}

/** The connection of a node to its successor, whoever that is. */
export class RingTokenLink {
  readonly #self: TokenSender;
  readonly #machines: readonly RingMachine[];
  readonly #datagrams: RingDatagrams;
  /** The successor at present. */
  #to: ProcessId | null = null;
  #line: TokenLine | null = null;
  #notBefore: Millis = -Infinity;
  /** The last token that was sent. */
  #epoch = 0;
  #sequence = 0;

  /** @param datagrams What would be in a datagram goes over the connection. */
  constructor(
    self: TokenSender,
    machines: readonly RingMachine[],
    datagrams: RingDatagrams,
  ) {
    this.#self = self;
    this.#machines = machines;
    this.#datagrams = datagrams;
  }

  /** Sends a token. Returns whether it is on its way; if not, it is to go as a datagram. */
  send(to: ProcessId, message: TokenMessage): boolean {
    const { epoch, sequence } = message.token;
    if (to !== this.#to) this.#turnTo(to);
    const isAgain = sequence === this.#sequence && epoch === this.#epoch;
    this.#epoch = epoch;
    this.#sequence = sequence;
    if (isAgain) this.#drop(); // It may not have come through.
    else if (this.#line === null) this.#open(to);
    return this.#line?.send(message, this.#datagrams) ?? false;
  }

  /** Ends it. */
  close(): void {
    this.#drop();
    this.#notBefore = Infinity;
  }

  #turnTo(to: ProcessId): void {
    this.#drop();
    this.#to = to;
    this.#notBefore = -Infinity;
  }

  #open(to: ProcessId): void {
    if (performance.now() < this.#notBefore) return;
    const { name: node, address } = this.#machines[to]!;
    const { group, name: from } = this.#self;
    const line = new TokenLine(address, { type: "tokens", group, node, from }, () => {
      if (line === this.#line) this.#drop();
    });
    this.#line = line;
  }

  /** There is to be another one, later. */
  #drop(): void {
    if (this.#line === null) return;
    const line = this.#line;
    this.#line = null;
    this.#notBefore = performance.now() + TRY_AGAIN_MS;
    line.close();
  }
}

/** One connection, from the attempt to its end. */
class TokenLine {
  readonly #giveUp = new AbortController();
  readonly #onEnd: () => void;
  #connection: Deno.TcpConn | null = null;
  /** Tokens are written from here, one at a time. */
  readonly #buffer = new Uint8Array(HEADER_BYTES + MAX_TOKEN_BYTES);
  /** What is being written, or was written last: most tokens are as long as the one before. */
  #frame = this.#buffer.subarray(0, 0);
  #isWriting = false;

  constructor(address: Address, request: RingTokensRequest, onEnd: () => void) {
    this.#onEnd = onEnd;
    void this.#run(address, request);
  }

  /** Whether the token is on its way. */
  send(message: TokenMessage, datagrams: RingDatagrams): boolean {
    if (this.#connection === null || this.#isWriting) return false;
    this.#write(this.#connection, datagrams.writeToken(message, this.#buffer, HEADER_BYTES));
    return true;
  }

  close(): void {
    this.#giveUp.abort();
    this.#connection?.close();
    this.#connection = null;
  }

  async #run(address: Address, request: RingTokensRequest): Promise<void> {
    const { signal } = this.#giveUp;
    try {
      const connection = await openTcp("node", address, { signal });
      if (signal.aborted) return connection.close();
      this.#connection = connection;
      connection.setNoDelay(true);
      const hello = encodeValue(request);
      this.#buffer.set(hello, HEADER_BYTES);
      this.#write(connection, HEADER_BYTES + hello.length);
      await connection.read(new Uint8Array(1)); // Nothing comes back but the end.
    } catch {
      // It has ended, or there was none.
    }
    this.#onEnded();
  }

  /** Writes the frame whose message stands in the buffer, up to `end`. */
  #write(connection: Deno.TcpConn, end: number): void {
    writeFrameLength(this.#buffer, end - HEADER_BYTES);
    if (end !== this.#frame.length) this.#frame = this.#buffer.subarray(0, end);
    this.#isWriting = true;
    connection.write(this.#frame).then(this.#onWritten, this.#onEnded);
  }

  readonly #onWritten = (count: number): void => {
    this.#isWriting = false;
    // The rest would have to wait until somebody reads.
    if (count < this.#frame.length) this.#onEnded();
  };

  readonly #onEnded = (): void => {
    this.close();
    this.#onEnd();
  };
}
