/**
 * The RPC of a serf agent: msgpack values on a kept TCP connection. A request is a header with a
 * number and a body; an answer is a header with that number and, for some requests, a body.
 *
 * @module
 */

// @ts-types="msgpackr"
import { Packr } from "msgpackr/index-no-eval";
import { ByteStream, join, lost } from "../persistent/byte_stream.ts";

/** What happens at an agent, as it tells it. */
export interface SerfEvent {
  /** Such as `user` or `member-failed`. */
  readonly Event: string;
  /** Of a user's event: the text. */
  readonly Payload?: string | Uint8Array;
  /** Of a members' event: whom it is about. */
  readonly Members?: readonly { readonly Name: string }[];
}

interface Header {
  readonly Seq: number;
  readonly Error: string;
}

interface Members {
  readonly Members: readonly { readonly Name: string; readonly Status: string }[];
}

type Value = Header | Members | SerfEvent;

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The events that are asked for. */
const EVENTS = "user,member-failed,member-leave";

/** A connection to an agent. */
export class SerfRpc {
  readonly #stream: ByteStream;
  readonly #name: string;
  #seq = 0;
  #onMembers = (_: Members) => {};

  /**
   * Connects, and follows what happens at the agent.
   *
   * @throws {Deno.errors.ConnectionRefused} if it doesn't listen, or not yet.
   */
  static async connect(
    name: string,
    port: number,
    onEvent: (event: SerfEvent) => void,
  ): Promise<SerfRpc> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const rpc = new SerfRpc(name, conn, onEvent);
    rpc.#ask("handshake", { Version: 1 });
    rpc.#ask("stream", { Type: EVENTS });
    return rpc;
  }

  private constructor(name: string, conn: Deno.TcpConn, onEvent: (event: SerfEvent) => void) {
    this.#name = name;
    this.#stream = new ByteStream(conn, (bytes) => {
      const { values, used } = decodeAll(bytes);
      for (const value of values) {
        if ("Event" in value) onEvent(value);
        else if ("Error" in value) this.#check(value);
        else this.#onMembers(value);
      }
      return used;
    });
  }

  /** Sends a user's event, which isn't to be merged with others. */
  say(text: string): void {
    this.#ask("event", { Name: "word", Payload: text, Coalesce: false });
  }

  /**
   * The names of those whom the agent takes for being alive, itself included.
   *
   * @throws {Error} if the agent has ended, or refused something.
   */
  async aliveMembers(): Promise<string[]> {
    const answer = new Promise<Members>((resolve) => this.#onMembers = resolve);
    this.#ask("members");
    const { Members } = await Promise.race([answer, lost(this.#stream)]);
    return Members.filter(({ Status }) => Status === "alive").map(({ Name }) => Name);
  }

  /** Ends the connection. */
  close(): void {
    this.#stream.close();
  }

  #ask(command: string, body?: unknown): void {
    const header = encode({ Command: command, Seq: this.#seq++ });
    this.#stream.write(body === undefined ? header : join([header, encode(body)]));
  }

  #check({ Error: reason }: Header): void {
    if (reason !== "") throw new Error(`serf ${this.#name}: ${reason}`);
  }
}

/** Bytes of their own: the encoder uses its buffer again. */
function encode(value: unknown): Uint8Array {
  return packr.encode(value).slice();
}

/** The whole values that bytes begin with, and how many bytes those are. */
function decodeAll(bytes: Uint8Array): { readonly values: Value[]; readonly used: number } {
  const values: Value[] = [];
  let used = 0;
  try {
    packr.unpackMultiple(bytes, (value: Value, _start, end) => {
      values.push(value);
      used = end ?? used;
    });
  } catch (error) {
    if (!(error as { readonly incomplete?: boolean }).incomplete) throw error;
    // The rest comes later.
  }
  return { values, used };
}
