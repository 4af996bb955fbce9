/**
 * A chat's member at the group manager: registered for as long as it takes part, and reading who
 * else is.
 *
 * Peers of experiments may be registered with the same manager. A comparison server that finds a
 * chat's member among them is told, on its control address, that it takes part in no run.
 *
 * @module
 */

import type { ChatContact } from "../protocols/chat/chat_messages.ts";
import type { Address } from "../wire/address.ts";
import type { ControlReply } from "../wire/control_messages.ts";
import { listMembers, Registration, type RegistrationState } from "./manager_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { TcpServer } from "./tcp_server.ts";

/** How often the list is read while it matters. */
const READ_EVERY_MS = 500;

/** How a member is registered. */
export interface ChatRollOptions {
  readonly manager: Address;
  readonly name: string;
  /** Where others send to. */
  readonly udp: Address;
  /** The host to listen at for comparison servers. */
  readonly controlHost: string;
  /** Told of trouble, in one line. */
  readonly onTrouble: (reason: string) => void;
}

/** The place of a member in the manager's list. */
export class ChatRoll {
  readonly #options: ChatRollOptions;
  readonly #abort = new AbortController();
  #server!: TcpServer;
  #registration!: Registration;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading: Promise<void> = Promise.resolve();

  /**
   * Registers.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async open(options: ChatRollOptions): Promise<ChatRoll> {
    const roll = new ChatRoll(options);
    const { manager, name, udp, controlHost } = options;
    const refusal = `${name} is in a chat and takes part in no run`;
    roll.#server = await TcpServer.listen(
      { host: controlHost, port: 0 },
      (connection) => refuse(connection, refusal),
      { deadlineMs: 10_000 },
    );
    try {
      const control = { host: udp.host, port: roll.#server.address.port };
      const registrant = { name, udp, control, region: null };
      roll.#registration = await Registration.open(manager, registrant, {
        onState: (state) => roll.#report(state),
      });
    } catch (error) {
      await roll.#server.close();
      throw error;
    }
    return roll;
  }

  private constructor(options: ChatRollOptions) {
    this.#options = options;
  }

  /** Who is registered, in the order of registration.
   *
   * @throws {Error} in one line that names the manager, if it doesn't say. */
  async read(): Promise<ChatContact[]> {
    const { signal } = this.#abort;
    const members = await listMembers(this.#options.manager, { signal });
    return members.map(({ name, udp: { host, port } }) => ({ name, host, port }));
  }

  /** Reads the list again and again while `isWanted` says so. */
  watch(isWanted: () => boolean, onContacts: (contacts: ChatContact[]) => void): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#readOnce(isWanted, onContacts);
    }, READ_EVERY_MS);
  }

  /** Leaves the list. */
  async close(): Promise<void> {
    this.#abort.abort(new Error("closed here"));
    clearTimeout(this.#timer);
    await this.#reading;
    await this.#registration.close();
    await this.#server.close();
  }

  async #readOnce(
    isWanted: () => boolean,
    onContacts: (contacts: ChatContact[]) => void,
  ): Promise<void> {
    try {
      if (isWanted()) onContacts(await this.read());
    } catch {
      // The registration finds out as well, and says so.
    }
    if (!this.#abort.signal.aborted) this.watch(isWanted, onContacts);
  }

  #report(state: RegistrationState): void {
    const { name, onTrouble } = this.#options;
    if (state.type === "unreachable") onTrouble(`${state.reason}; trying again`);
    if (state.type === "replaced") {
      const who = state.by === name ? `another ${name}` : state.by;
      onTrouble(`${who} has registered in this one's place`);
    }
  }
}

/** Answers one request, whatever it is. */
async function refuse(connection: TcpConnection, reason: string): Promise<void> {
  for await (const _request of connection) {
    await connection.send({ type: "refused", reason } satisfies ControlReply);
    return;
  }
}
