/**
 * A participant of a persistent multicast: its protocol on real sockets, a real clock and a file.
 *
 * It listens before it asks to be registered or reconnected, writes what comes to its log, and
 * acknowledges it once it is on disk. Its port is given up with the session.
 *
 * @module
 */

import type {
  LinkEnd,
  MemberId,
  Message,
  Reply,
  Request,
} from "../protocols/persistent/messages.ts";
import { type Command, Participant } from "../protocols/persistent/participant.ts";
import type { CommandName, ParticipantState } from "../protocols/persistent/participant_states.ts";
import type { Millis } from "../protocols/process.ts";
import type { Address } from "../wire/address.ts";
import type { CoordinatorStatus } from "../wire/persistent_messages.ts";
import { CoordinatorClient, newRequestId } from "./coordinator_client.ts";
import { DeliveryPort } from "./delivery_port.ts";
import { ParticipantLog } from "./participant_log.ts";
import { RequestStream } from "./request_stream.ts";

export type { CommandName, CoordinatorStatus, MemberId, Message, ParticipantState };

/** `status` doesn't wait longer for the coordinator. */
const STATUS_MS: Millis = 2000;

/** The coordinator tries to connect every two seconds at least. If it hasn't for so long, it is asked
 * whether it still knows this one. */
const UNCONNECTED_MS: Millis = 5000;

/** What a participant tells its user. */
export type ParticipantEvent =
  /** Its port is open. */
  | { readonly type: "listening"; readonly address: Address }
  /** A message is in the log, and on disk. */
  | { readonly type: "message"; readonly message: Message }
  /** The coordinator has connected, and messages can come. */
  | { readonly type: "connected" }
  /** The coordinator is gone; it will come back by itself. */
  | { readonly type: "unconnected"; readonly reason: string }
  /** It is something else now, without having been told to. */
  | { readonly type: "changed"; readonly state: ParticipantState; readonly why: LinkEnd | null }
  | { readonly type: "warning"; readonly reason: string };

/** How a participant takes part. */
export interface ParticipantHostOptions {
  readonly id: MemberId;
  /** Its log, which it makes if it isn't there. */
  readonly log: string;
  readonly coordinator: Address;
  /** Where to listen; port 0 for any. By default any port of the address from which the coordinator
   * is reached. */
  readonly listen?: Address;
  /** Where the coordinator is told to connect, if not to where it listens. Port 0 is that port. */
  readonly advertise?: Address;
  /** Whether it may take the place of another process of the same ID. */
  readonly takeOver: boolean;
  /** How long to try to reach the coordinator with one command, in milliseconds. */
  readonly patienceMs: Millis;
  /** How long to be online without a connection before the coordinator is asked how it sees this one,
   * in milliseconds.
   *
   * @default {5000} */
  readonly unconnectedMs?: Millis;
  readonly onEvent: (event: ParticipantEvent) => void;
}

/** What became of a command: done, and stored at the coordinator; or not, and why. */
export type CommandOutcome =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly reason: string };

/** How it is, and what the coordinator says. */
export interface ParticipantStatus {
  readonly state: ParticipantState;
  /** Where it listens; null if it doesn't. */
  readonly address: Address | null;
  /** Whether the coordinator is connected to it. */
  readonly connected: boolean;
  /** The number of the latest message in its log. */
  readonly logged: number;
  /** Null if the coordinator doesn't answer. */
  readonly coordinator: CoordinatorStatus | null;
}

/** A participant. Its commands must not overlap, except for `msend`. */
export class ParticipantHost {
  readonly #options: ParticipantHostOptions;
  readonly #client: CoordinatorClient;
  readonly #log: ParticipantLog;
  readonly #participant: Participant;
  #stopping = new AbortController();
  readonly #port: DeliveryPort;
  /** A kept connection for `msend`; other commands have one each. */
  #stream: RequestStream | null = null;
  #isCommanded = false;
  /** Runs while it is online and not connected. */
  #inquiry: ReturnType<typeof setTimeout> | undefined;
  #isClosing = false;
  #state: ParticipantState;
  #closed: Promise<void> | null = null;

  /**
   * Opens the log. Nothing is asked of the coordinator, and no port is opened, before a command.
   *
   * @throws {Error} in one line that names the log, if it can't be used.
   */
  static async open(options: ParticipantHostOptions): Promise<ParticipantHost> {
    return new ParticipantHost(options, await ParticipantLog.open(options.log, options.id));
  }

  private constructor(options: ParticipantHostOptions, log: ParticipantLog) {
    this.#options = options;
    this.#client = new CoordinatorClient(options.coordinator);
    this.#log = log;
    this.#participant = new Participant(options.id, log.state);
    this.#state = this.#participant.state;
    this.#port = new DeliveryPort(this.#participant, log, {
      onConnected: () => {
        this.#watch();
        options.onEvent({ type: "connected" });
      },
      onUnconnected: (reason) => {
        this.#watch();
        if (this.state === "online") options.onEvent({ type: "unconnected", reason });
      },
      // The port waits for this connection when it is closed.
      onLinkClosed: (why) => void this.#settle(why),
    });
    log.follow({
      onLogged: (messages, isCurrent) => this.#logged(messages, isCurrent),
      onTrouble: (reason) => options.onEvent({ type: "warning", reason }),
    });
  }

  /** What it is, in its own eyes. */
  get state(): ParticipantState {
    return this.#participant.state;
  }

  /** The number of the latest message in its log, on disk or not. */
  get lastSeq(): number {
    return this.#log.state.logged;
  }

  /** Bytes of a torn line that were cut off the log. */
  get repairedBytes(): number {
    return this.#log.repairedBytes;
  }

  /** A new beginning: messages from now on. Listens at `port`, or where the options say. */
  register(port?: number): Promise<CommandOutcome> {
    return this.#begin("register", port);
  }

  /** Online again, with what was missed: what is above the outcome's number. Listens at `port`, or where the options say. */
  reconnect(port?: number): Promise<CommandOutcome> {
    return this.#begin("reconnect", port);
  }

  /** Offline, but still a member. The port is free afterwards. */
  disconnect(patienceMs?: Millis): Promise<CommandOutcome> {
    return this.#exclusively("disconnect", () => this.#ask({ type: "disconnect" }, patienceMs));
  }

  /** No member any more. The port is free afterwards. */
  deregister(): Promise<CommandOutcome> {
    return this.#exclusively("deregister", () => this.#ask({ type: "deregister" }));
  }

  /** Multicasts. Resolves when the coordinator has acknowledged: then the message is stored.
   *
   * @param payload At most `MAX_TEXT_BYTES`. */
  async msend(payload: Uint8Array): Promise<CommandOutcome> {
    const reason = this.#participant.refusal("msend");
    if (reason !== null) return { ok: false, reason };
    const outcome = await this.#ask({ type: "msend", payload });
    await this.#settle(null);
    return outcome;
  }

  /** How it is, and what the coordinator says; waits a little for that. If the coordinator has
   * forgotten it, or put it offline, it is so from now on. */
  async status(): Promise<ParticipantStatus> {
    const { signal } = this.#stopping;
    const { changes } = this.#participant;
    const coordinator = await this.#client.status({ patienceMs: STATUS_MS, isOnce: true, signal })
      .catch(() => null);
    if (coordinator !== null) {
      const member = coordinator.members.find(({ id }) => id === this.#options.id);
      this.#participant.told(member?.state ?? "unknown", changes);
      await this.#settle(null);
    }
    return {
      state: this.state,
      address: this.#port.address,
      connected: this.#port.isConnected,
      logged: this.lastSeq,
      coordinator,
    };
  }

  /** Gives up the command that is under way. It may have been done or not. */
  giveUp(): void {
    this.#stopping.abort(new Error("given up"));
    this.#stopping = new AbortController();
    void this.#dropStream();
  }

  /** Ends at once, without a word to the coordinator: then this one counts as offline since its last
   * acknowledgement. What is not yet on disk comes again. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  // --- commands

  #begin(type: "register" | "reconnect", port: number | undefined): Promise<CommandOutcome> {
    return this.#exclusively(type, async () => {
      const { takeOver } = this.#options;
      let address: Address;
      try {
        address = await this.#listen(port);
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
      return await this.#ask({ type, address, takeOver });
    });
  }

  async #exclusively(
    command: CommandName,
    act: () => Promise<CommandOutcome>,
  ): Promise<CommandOutcome> {
    const reason = this.#participant.refusal(command);
    if (reason !== null) return { ok: false, reason };
    if (this.#isCommanded) throw new Error("Commands must not overlap");
    this.#isCommanded = true;
    try {
      return await act();
    } finally {
      this.#isCommanded = false;
      this.#state = this.state; // It was told to.
      await this.#settle(null);
    }
  }

  /** Opens the port. Returns the address for the coordinator. */
  async #listen(port: number | undefined): Promise<Address> {
    const { advertise } = this.#options;
    const { host, port: usual } = await this.#ownAddress();
    const address = await this.#port.listen({ host, port: port ?? usual });
    this.#options.onEvent({ type: "listening", address });
    return advertise === undefined
      ? address
      : { host: advertise.host, port: advertise.port || address.port };
  }

  async #ownAddress(): Promise<Address> {
    const { listen, coordinator } = this.#options;
    if (listen !== undefined) return listen;
    if (isLoopback(coordinator.host)) return { host: coordinator.host, port: 0 };
    return { host: await this.#client.localHost(this.#patience()), port: 0 };
  }

  async #ask(command: Command, patienceMs?: Millis): Promise<CommandOutcome> {
    const request = this.#participant.command(command, newRequestId());
    const { store, logged } = this.#log.state;
    let reply: Reply;
    try {
      reply = await this.#send(request, patienceMs);
    } catch (error) {
      this.#participant.unanswered(request.request);
      return { ok: false, reason: (error as Error).message };
    }
    this.#participant.answered(reply);
    if (reply.type === "error") return { ok: false, reason: reply.reason };
    if (command.type !== "msend") await this.#remember(command.type, reply.store, reply.seq);
    const isBehind = command.type === "reconnect" && reply.store === store && reply.seq < logged;
    return { ok: true, seq: isBehind ? logged : reply.seq };
  }

  async #send(request: Request, patienceMs: Millis | undefined): Promise<Reply> {
    const patience = this.#patience(patienceMs);
    if (request.type !== "msend") return await this.#client.ask(request, patience);
    const stream = this.#stream ??= new RequestStream(this.#options.coordinator, patience);
    try {
      return await stream.send(request);
    } catch (error) {
      if (this.#stream === stream) this.#stream = null; // It has failed for good.
      throw error;
    }
  }

  /** What the log must know when this process is started again. */
  async #remember(command: CommandName, store: string, seq: number): Promise<void> {
    if (command === "deregister") this.#log.end();
    else if (command !== "disconnect") this.#log.begin(store, seq);
    await this.#log.flush();
  }

  #patience(patienceMs = this.#options.patienceMs) {
    const { onEvent } = this.#options;
    return {
      patienceMs,
      signal: this.#stopping.signal,
      onTrouble: (reason: string) =>
        onEvent({ type: "warning", reason: `${reason}; trying again` }),
    };
  }

  /** Makes the port as it should be, and tells of what has changed by itself. */
  async #settle(why: LinkEnd | null): Promise<void> {
    if (this.#isCommanded) return;
    const { state } = this;
    if (state !== this.#state) {
      this.#state = state;
      this.#options.onEvent({ type: "changed", state, why });
    }
    this.#watch();
    if (this.#participant.isListening || this.#port.address === null) return;
    await Promise.all([this.#port.close(), this.#dropStream()]);
    await this.#log.flush();
  }

  async #dropStream(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    await stream?.close();
  }

  /** Sees to it that the coordinator is asked if it doesn't connect. */
  #watch(): void {
    if (this.state !== "online" || this.#port.isConnected || this.#isClosing) {
      clearTimeout(this.#inquiry);
      this.#inquiry = undefined;
      return;
    }
    const { unconnectedMs = UNCONNECTED_MS } = this.#options;
    this.#inquiry ??= setTimeout(() => void this.#inquire(), unconnectedMs);
  }

  async #inquire(): Promise<void> {
    await this.status();
    this.#inquiry = undefined;
    this.#watch();
  }

  #logged(messages: readonly Message[], isCurrent: boolean): void {
    if (isCurrent) this.#port.logged(messages);
    for (const message of messages) this.#options.onEvent({ type: "message", message });
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    this.#watch();
    this.giveUp();
    await this.#port.close();
    await this.#log.close();
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
