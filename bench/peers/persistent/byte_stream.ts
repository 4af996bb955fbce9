/**
 * A TCP connection as the drivers use it: what one turn sends goes out with one write, and what
 * comes in is handed to a parser, which says how much of it was whole.
 *
 * @module
 */

const READ_BYTES = 16 * 1024;

/** Looks at `bytes`; returns how many of them it has used up. The rest is shown again, with more. */
export type Parser = (bytes: Uint8Array) => number;

/** A connection. */
export class ByteStream {
  readonly #conn: Deno.TcpConn;
  readonly #parse: Parser;
  #queue: Uint8Array[] = [];
  #isWriting = false;
  readonly #ended: Promise<void>;
  #isClosed = false;

  /** Connects to a port of this machine. */
  static async connect(port: number, parse: Parser): Promise<ByteStream> {
    return new ByteStream(await Deno.connect({ hostname: "127.0.0.1", port }), parse);
  }

  /** Takes a connection over. */
  constructor(conn: Deno.TcpConn, parse: Parser) {
    conn.setNoDelay(true);
    this.#conn = conn;
    this.#parse = parse;
    this.#ended = this.#read();
    this.#ended.catch(() => {}); // `ended` tells of it.
  }

  /** Resolves when the connection has ended; rejects with what the parser threw. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Sends bytes, which must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    if (this.#isWriting) return;
    this.#isWriting = true;
    queueMicrotask(() => void this.#flush());
  }

  /** Resolves when everything has been handed to the system. */
  async written(): Promise<void> {
    while (this.#isWriting) await new Promise((resolve) => setTimeout(resolve));
  }

  /** Closes the connection. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  async #flush(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        let bytes = join(this.#queue);
        this.#queue = [];
        while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
      }
    } catch {
      this.close(); // The reader notices.
    }
    this.#isWriting = false;
  }

  async #read(): Promise<void> {
    let buffer = new Uint8Array(READ_BYTES);
    let length = 0;
    for (;;) {
      if (length === buffer.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(buffer);
        buffer = larger;
      }
      const count = await this.#conn.read(buffer.subarray(length)).catch(() => null);
      if (count === null) return this.close();
      length += count;
      const used = this.#parse(buffer.subarray(0, length));
      buffer.copyWithin(0, used, length);
      length -= used;
    }
  }
}

/** Counts acknowledgements, and wakes who waits for them. */
export class AckCounter {
  #count = 0;
  #awaited = Infinity;
  #resolve: () => void = () => {};

  /** So many more have come. */
  add(count: number): void {
    this.#count += count;
    if (this.#count >= this.#awaited) {
      this.#awaited = Infinity;
      this.#resolve();
    }
  }

  /** Resolves when so many have come in all. */
  reach(count: number): Promise<void> {
    if (this.#count >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaited = count;
      this.#resolve = resolve;
    });
  }
}

/** Rejects when a connection ends that should not. */
export async function lost(stream: ByteStream): Promise<never> {
  await stream.ended;
  throw new Error("the connection has ended");
}

/** Several arrays as one. */
export function join(arrays: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
