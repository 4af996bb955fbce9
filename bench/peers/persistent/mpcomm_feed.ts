/**
 * A subscriber of mpcomm that keeps no log, as those of the brokers don't: it speaks the documented
 * protocol, and acknowledges what it has seen.
 *
 * @module
 */

import { encodeFrame } from "../../../src/wire/framing.ts";
import {
  decodeCoordinatorReply,
  decodeDeliveryMessage,
  type DeliveryReply,
} from "../../../src/wire/persistent_messages.ts";
import { ByteStream, lost } from "./byte_stream.ts";
import { frames } from "./frames.ts";
import { isPayload } from "./measurement.ts";
import type { Coming, Feed, FeedOptions } from "./subscriber.ts";

/** What a subscriber gets. */
export function mpcommFeed(options: FeedOptions): Feed {
  return new MpcommFeed(options);
}

class MpcommFeed implements Feed {
  readonly #options: FeedOptions;
  #next = 0;
  #session = "";
  #listener: Deno.TcpListener | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async open(): Promise<Coming> {
    const type = this.#listener === null ? "register" : "reconnect";
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const address = { host: "127.0.0.1", port: this.#listener.addr.port };
    const delivery = this.#listener.accept();
    await this.#ask(type, { address, takeOver: false });
    return this.#serve(await delivery);
  }

  async close(): Promise<void> {
    this.#listener!.close();
    await this.#ask("disconnect", { session: this.#session });
  }

  /** A request with a connection of its own. */
  async #ask(type: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const { port, name } = this.#options;
    const answered = Promise.withResolvers<void>();
    const stream = await ByteStream.connect(
      port,
      frames((value) => {
        const reply = decodeCoordinatorReply(value);
        if (reply.type === "ok") answered.resolve();
        else answered.reject(new Error(JSON.stringify(reply)));
      }),
    );
    stream.write(encodeFrame({ type, request: crypto.randomUUID(), id: name, ...fields }));
    await Promise.race([answered.promise, lost(stream)]);
    stream.close();
  }

  #serve(conn: Deno.TcpConn): ByteStream {
    const say = (words: DeliveryReply) => stream.write(encodeFrame(words));
    const stream = new ByteStream(
      conn,
      frames((value) => {
        const message = decodeDeliveryMessage(value);
        if (message.type === "open") {
          this.#session = message.session;
          say({ type: "opened", id: message.id, session: message.session, logged: this.#next });
        } else if (message.type === "deliver") {
          for (const { seq, payload } of message.messages) {
            if (seq !== this.#next + 1 || !isPayload(payload, 0, payload.length, this.#next)) {
              throw new Error(`not message ${this.#next}`);
            }
            this.#next++;
          }
        }
      }, () => {
        say({ type: "logged", seq: this.#next });
        this.#options.onMessage(this.#next);
      }),
    );
    const signOfLife = setInterval(() => say({ type: "logged", seq: this.#next }), 1000);
    stream.ended.finally(() => clearInterval(signOfLife)).catch(() => {/* `ended` tells of it. */});
    return stream;
  }
}
