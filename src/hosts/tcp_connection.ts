/**
 * Messages over a TCP connection: frames out in order, decoded values in.
 *
 * ```ts
 * import { TcpServer } from "./tcp_server.ts";
 * import { connectTcp } from "./tcp_client.ts";
 *
 * const server = await TcpServer.listen({ host: "127.0.0.1", port: 0 }, async (connection) => {
 *   for await (const message of connection) await connection.send(message);
 * });
 * const client = await connectTcp("echo server", server.address);
 * await client.send({ type: "hello" });
 * console.assert(JSON.stringify(await client.receive()) === '{"type":"hello"}');
 * client.close();
 * await server.close();
 * ```
 *
 * @module
 */

import { type Address, unmapHost } from "../wire/address.ts";
import {
  encodeFrame,
  FrameReader,
  HEADER_BYTES,
  MAX_FRAME_BYTES,
  readFrameLength,
} from "../wire/framing.ts";
import { decodeValue } from "../wire/msgpack.ts";
import { briefly } from "./tcp_errors.ts";

/** Limits of a connection. */
export interface ConnectionOptions {
  /** The largest message in either direction, in bytes.
   *
   * @default {1048576} */
  readonly maxFrameBytes?: number;
  /** How long we wait for the other side: for the whole of its next message, from when we begin to
   * wait, and for it to take what we send. Then the connection is closed, so a client that stalls, or
   * sends a byte a minute, doesn't keep its place. Infinity suits sessions in which silence is normal;
   * TCP's own keepalive notices a machine that is gone.
   *
   * @default {Infinity} */
  readonly deadlineMs?: number;
  /** How much may wait to be sent. A message beyond it closes the connection: the other side isn't
   * reading. Whoever awaits each `send` never gets there.
   *
   * @default {16777216} */
  readonly maxQueuedBytes?: number;
}

/** What is sent with one write: all that was queued while the one before was under way. */
interface Batch {
  readonly frames: Uint8Array[];
  bytes: number;
  readonly written: PromiseWithResolvers<boolean>;
}

/** A connection that brings more than the first at a time gets the second. */
const FIRST_READ_BUFFER_BYTES = 4 * 1024;
const READ_BUFFER_BYTES = 64 * 1024;
/** How long `finish` waits for the other side to take what was sent. */
const LINGER_MS = 2000;

/**
 * One end of a connection that carries messages.
 *
 * Nothing that the other side does makes a method throw: the connection ends, `receive` returns
 * undefined, `send` returns false, and {@linkcode ending} says why.
 */
export class TcpConnection implements AsyncIterable<unknown> {
  /** The other end. */
  readonly remote: Address;
  /** This end. */
  readonly local: Address;
  readonly #conn: Deno.TcpConn;
  readonly #maxFrameBytes: number;
  readonly #deadlineMs: number;
  readonly #maxQueuedBytes: number;
  readonly #reader: FrameReader;
  #readBuffer = new Uint8Array(FIRST_READ_BUFFER_BYTES);
  #receiving = false;
  #queue: Batch = newBatch();
  /** Everything sent and not yet written, what is being written included. */
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #ending: string | null = null;
  #malformed = false;
  #closed = false;

  /** Takes over an open connection. */
  constructor(conn: Deno.TcpConn, options: ConnectionOptions = {}) {
    this.#conn = conn;
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#deadlineMs = options.deadlineMs ?? Infinity;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 16 * 1024 * 1024;
    this.#reader = new FrameReader(this.#maxFrameBytes);
    this.remote = { host: unmapHost(conn.remoteAddr.hostname), port: conn.remoteAddr.port };
    this.local = { host: unmapHost(conn.localAddr.hostname), port: conn.localAddr.port };
    try {
      conn.setKeepAlive(true);
      conn.setNoDelay(true);
    } catch {
      // The other side has reset the connection already, as the first read will tell.
    }
  }

  /** Why nothing more will be received; null while something may. */
  get ending(): string | null {
    return this.#ending;
  }

  /** Whether the other side sent what isn't a message. */
  get malformed(): boolean {
    return this.#malformed;
  }

  /**
   * Sends a message after all that were sent before. What is sent in one turn of the event loop goes
   * out in one write.
   *
   * @returns a promise that never rejects: true once the operating system has the message, false if
   * the connection ended before.
   * @throws {TypeError} if the message can't be encoded.
   * @throws {RangeError} if it exceeds the largest frame.
   */
  send(message: unknown): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return this.sendFrame(encodeFrame(message, this.#maxFrameBytes));
  }

  /** Sends a message that is encoded already, as {@linkcode send}. The bytes must not change. */
  sendFrame(frame: Uint8Array): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (this.#queuedBytes > 0 && this.#queuedBytes + frame.length > this.#maxQueuedBytes) {
      this.#shut(`it left more than ${this.#maxQueuedBytes} bytes unread`);
      return Promise.resolve(false);
    }
    this.#queue.frames.push(frame);
    this.#queue.bytes += frame.length;
    this.#queuedBytes += frame.length;
    const { written } = this.#queue;
    this.#writing ??= this.#write();
    return written.promise;
  }

  /**
   * The next message, decoded, or undefined once there will be none: {@linkcode ending} says why.
   * Binaries in it are views on memory of this message alone.
   *
   * @throws {Error} if a message is being awaited already: a connection has one reader.
   */
  async receive(): Promise<unknown> {
    if (this.#receiving) throw new Error("The connection is being read already");
    this.#receiving = true;
    try {
      return await this.#nextMessage();
    } finally {
      this.#receiving = false;
    }
  }

  /**
   * Hands every further message to `take`, undecoded, to the end of the connection. The bytes are used
   * again when `take` has returned. It costs less than `receive` where there are many small messages.
   *
   * @throws {Error} as {@linkcode receive}.
   */
  async receiveAll(take: (body: Uint8Array) => void): Promise<void> {
    if (this.#receiving) throw new Error("The connection is being read already");
    this.#receiving = true;
    try {
      this.#takeAll(take);
      while (this.#ending === null) {
        // Not in a function of its own: a promise costs as much as a small message.
        const count = await this.#conn.read(this.#readBuffer);
        if (count === null) this.#ended();
        else if (this.#reader.pendingBytes === 0 && this.#isOneFrame(count)) {
          take(this.#readBuffer.subarray(HEADER_BYTES, count));
        } else {
          this.#reader.push(this.#readBuffer.subarray(0, count));
          this.#takeAll(take);
        }
      }
    } catch (error) {
      this.#shut(briefly(error));
    } finally {
      this.#receiving = false;
    }
  }

  /** The messages up to the end of the connection. Leaving the loop early doesn't close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for (
      let message = await this.receive();
      message !== undefined;
      message = await this.receive()
    ) {
      yield message;
    }
  }

  /** Ends the connection because the other side sent what isn't a message, or none that it may send
   * now. What is queued for it, such as an error, is still sent. */
  async reject(reason: string): Promise<void> {
    this.#malformed = true;
    this.#ending ??= reason;
    await this.finish();
  }

  /** Sends what is queued, then closes; after two seconds also if the other side doesn't take it. */
  async finish(): Promise<void> {
    const timer = setTimeout(() => this.close(), Math.min(LINGER_MS, this.#deadlineMs));
    await this.#writing;
    clearTimeout(timer);
    this.close();
  }

  /** Closes the connection at once. What is queued is lost. */
  close(): void {
    this.#shut("closed here");
  }

  async #nextMessage(): Promise<unknown> {
    let body = this.#nextFrame();
    if (body === undefined && this.#ending === null) {
      const timer = this.#deadline(`no message came within ${this.#deadlineMs} ms`);
      while (body === undefined && this.#ending === null) {
        await this.#readMore();
        body = this.#nextFrame();
      }
      clearTimeout(timer);
    }
    return body === undefined ? undefined : this.#decode(body);
  }

  #takeAll(take: (body: Uint8Array) => void): void {
    for (let body = this.#nextFrame(); body !== undefined; body = this.#nextFrame()) take(body);
  }

  /** Whether what was read is one whole frame, as it mostly is where each is written alone. */
  #isOneFrame(count: number): boolean {
    const length = count - HEADER_BYTES;
    return length > 0 && length <= this.#maxFrameBytes &&
      readFrameLength(this.#readBuffer) === length;
  }

  /** A frame that is there already. After {@linkcode reject} and {@linkcode close} there is none. */
  #nextFrame(): Uint8Array | undefined {
    if (this.#closed || this.#malformed) return undefined;
    try {
      return this.#reader.read();
    } catch (error) {
      this.#violate(error);
      return undefined;
    }
  }

  #decode(body: Uint8Array): unknown {
    try {
      return decodeValue(body);
    } catch (error) {
      this.#violate(error);
      return undefined;
    }
  }

  async #readMore(): Promise<void> {
    try {
      const count = await this.#conn.read(this.#readBuffer);
      if (count !== null) {
        this.#reader.push(this.#readBuffer.subarray(0, count));
        if (count === FIRST_READ_BUFFER_BYTES) this.#readBuffer = new Uint8Array(READ_BUFFER_BYTES);
      } else this.#ended();
    } catch (error) {
      this.#shut(briefly(error));
    }
  }

  #ended(): void {
    // Only this direction has ended: answers can still be sent.
    if (this.#reader.pendingBytes === 0) this.#ending ??= "closed by the other side";
    else this.#violate(new Error("it ended in the middle of a frame"));
  }

  #violate(error: unknown): void {
    this.#malformed = true;
    this.#shut(`malformed: ${(error as Error).message}`);
  }

  /** Writes batch after batch, until nothing is queued. */
  async #write(): Promise<void> {
    // What is sent in this turn goes out together.
    await Promise.resolve();
    while (this.#queue.frames.length > 0 && !this.#closed) {
      const batch = this.#queue;
      this.#queue = newBatch();
      const ok = await this.#writeAll(join(batch));
      this.#queuedBytes -= batch.bytes;
      batch.written.resolve(ok);
    }
    // Nothing is left, unless the connection closed under it.
    this.#queue.written.resolve(false);
    this.#queue = newBatch();
    this.#writing = undefined;
  }

  async #writeAll(bytes: Uint8Array): Promise<boolean> {
    const timer = this.#deadline(`it read nothing within ${this.#deadlineMs} ms`);
    try {
      for (let written = 0; written < bytes.length;) {
        written += await this.#conn.write(bytes.subarray(written));
      }
      return true;
    } catch (error) {
      this.#shut(briefly(error));
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  #deadline(reason: string): ReturnType<typeof setTimeout> | undefined {
    if (this.#deadlineMs === Infinity) return undefined;
    return setTimeout(() => this.#shut(reason), this.#deadlineMs);
  }

  #shut(reason: string): void {
    this.#ending ??= reason;
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

function newBatch(): Batch {
  return { frames: [], bytes: 0, written: Promise.withResolvers() };
}

function join({ frames, bytes }: Batch): Uint8Array {
  if (frames.length === 1) return frames[0]!;
  const all = new Uint8Array(bytes);
  let offset = 0;
  for (const frame of frames) {
    all.set(frame, offset);
    offset += frame.length;
  }
  return all;
}
