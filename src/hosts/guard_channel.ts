/**
 * The connection between mpcomm and a guard: JSON lines on a Unix socket. Each learns from its end
 * that the other one is gone, however that came about.
 *
 * A pipe would be simpler. But a guard's standard streams are the command's, and Deno can't keep any
 * other pipe that it inherits from the command.
 *
 * @module
 */

/** One side of it: sends `Sent`, receives `Received`. */
export class GuardChannel<Sent extends object, Received extends object> {
  readonly #connection: Deno.Conn;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  /** The end of all that was sent so far. */
  #sent: Promise<void> = Promise.resolve();

  /** Takes over the connection. */
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
    this.#writer = connection.writable.getWriter();
  }

  /** Sends a message, unless the other side is gone. */
  send(message: Sent): void {
    this.#sent = this.#writer.write(this.#encoder.encode(`${JSON.stringify(message)}\n`))
      .catch(() => {}); // What reads from here tells that the other side is gone.
  }

  /** Resolves when all has been handed to the system. */
  async flush(): Promise<void> {
    await this.#sent;
  }

  /** What comes, until the other side or this one closes. */
  async *messages(): AsyncGenerator<Received> {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const bytes of this.#connection.readable) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) yield JSON.parse(line) as Received;
      }
    } catch (error) {
      // A connection that breaks is one that ends. A line that is no JSON is our own mistake.
      if (error instanceof SyntaxError) throw error;
    }
  }

  /** Ends it. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // The other side's end has closed it already.
    }
  }
}
