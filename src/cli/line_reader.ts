/**
 * Lines from a terminal, a pipe or a file, one at a time, with a way to stop waiting.
 *
 * @module
 */

/** Where bytes come from, such as `Deno.stdin`. */
export interface ByteSource {
  /** Reads some bytes into the buffer; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

const BUFFER_BYTES = 4096;

/** Makes text of bytes that come piece by piece; without any, at the end. */
export interface StreamDecoder {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
}

/** Makes a character of each byte, whatever it is: its code is the byte. */
export const BYTE_DECODER: StreamDecoder = {
  decode: (bytes = new Uint8Array(0)) => String.fromCharCode(...bytes),
};

/** The longest line in UTF-16 code units unless told otherwise; what goes beyond it is dropped. Two
 * more than the longest text: a slash before it, and one by which what is too long is known. */
export const LINE_LENGTH_MAX = 65_538;

/**
 * Reads lines. What has been read beyond a line is kept for the next one, and so is a read that
 * nobody waits for any more: no input is lost between calls.
 */
export class LineReader {
  readonly #source: ByteSource;
  readonly #decoder: StreamDecoder;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** What was read and not yet returned. */
  #rest = "";
  readonly #lengthMax: number;
  /** The line that {@linkcode LineReader.next} is collecting, at most `#lengthMax` long. */
  #line = "";
  #ended = false;
  #pending: Promise<number | null> | undefined;

  /** Reads from the source, which nobody else should read from. */
  constructor(
    source: ByteSource,
    lengthMax = LINE_LENGTH_MAX,
    decoder: StreamDecoder = new TextDecoder(),
  ) {
    this.#source = source;
    this.#decoder = decoder;
    this.#lengthMax = lengthMax;
  }

  /**
   * The next line without its line break, `\n` or `\r\n`; a last line without one counts. Calls
   * must not overlap.
   *
   * @returns Null at the end, and when the signal stops the wait; the line that was under way then
   *   is continued by the next call.
   */
  async next(signal?: AbortSignal): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      this.#collect(end < 0 ? this.#rest : this.#rest.slice(0, end));
      this.#rest = end < 0 ? "" : this.#rest.slice(end + 1);
      if (end >= 0) return this.#take();
      if (this.#ended) return this.#line === "" ? null : this.#take();
      if (!await this.#fill(signal)) return null;
    }
  }

  /** Waits for more input or its end; false if the signal came first. */
  async #fill(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted) return false;
    this.#pending ??= this.#source.read(this.#buffer);
    const size = await unlessAborted(this.#pending, signal);
    if (size === undefined) return false;
    this.#pending = undefined;
    if (size === null) {
      this.#ended = true;
      this.#rest += this.#decoder.decode();
    } else {
      this.#rest += this.#decoder.decode(this.#buffer.subarray(0, size), { stream: true });
    }
    return true;
  }

  #collect(text: string): void {
    this.#line += text.slice(0, this.#lengthMax - this.#line.length);
  }

  #take(): string {
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    return line;
  }
}

/** What the promise gives, or undefined if the signal comes first. */
async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return await promise;
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const stop = () => {
    promise.catch(() => {}); // Whoever waits for it next will hear of its failure.
    resolve(undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
