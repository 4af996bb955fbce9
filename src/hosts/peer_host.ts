/**
 * A process of the group between and during runs: a UDP socket for multicasts, and a TCP server on
 * which comparison servers start runs and fetch journals.
 *
 * @module
 */

import { isIPv6 } from "node:net";
import type { Journal } from "../history/journal.ts";
import type { Millis, Order, ProcessId } from "../protocols/process.ts";
import { type Address, formatAddress, isUnspecified } from "../wire/address.ts";
import { type ControlReply, decodeControlRequest, type Start } from "../wire/control_messages.ts";
import { journalChunks } from "../wire/journal_chunks.ts";
import { type DatagramHandler, DatagramSocket } from "./datagram_socket.ts";
import { GroupHost } from "./group_host.ts";
import { machineId } from "./machine.ts";
import { resolveHost } from "./resolve.ts";
import { linksOf, type LinkSource } from "./run_links.ts";
import type { TcpConnection } from "./tcp_connection.ts";
import { TcpServer } from "./tcp_server.ts";

/** How often a comparison server hears how far this process is. */
const PROGRESS_INTERVAL_MS: Millis = 250;

/** A control connection that brings no request for so long after its opening is closed: idle ones
 * must not use up the places that comparison servers need. */
const FIRST_REQUEST_MS: Millis = 10_000;

/** What a peer tells its user. */
export type PeerEvent =
  | { readonly type: "started"; readonly order: Order; readonly process: ProcessId; size: number }
  | {
    readonly type: "ended";
    readonly order: Order;
    readonly complete: boolean;
    /** Null where the run keeps no log. */
    readonly journal: Journal | null;
  }
  | { readonly type: "refused"; readonly reason: string };

/** How a peer runs. */
export interface PeerHostOptions extends LinkSource {
  /** Where to receive multicasts (UDP), port 0 for any. */
  readonly listen: Address;
  /** The TCP port for control; 0 for any. */
  readonly controlPort: number;
  /** Told what happens. */
  readonly onEvent?: (event: PeerEvent) => void;
}

/** A run that this process takes part in, and who started it. */
interface CurrentRun {
  readonly host: GroupHost;
  readonly order: Order;
  readonly owner: TcpConnection;
  /** Resolves when the comparison server cuts the run short. */
  readonly cut: PromiseWithResolvers<void>;
  /** Resolves when the run is forgotten. */
  readonly released: PromiseWithResolvers<void>;
}

/** A process of the group, waiting for runs. */
export class PeerHost implements DatagramHandler {
  readonly #options: PeerHostOptions;
  readonly #quit = Promise.withResolvers<void>();
  #socket!: DatagramSocket;
  #server!: TcpServer;
  #machine = "";
  #run: CurrentRun | null = null;

  /** Datagrams that came while no run was on. */
  strays = 0;

  /**
   * Opens both ports.
   *
   * @throws {Error} in one line that names the address, if that isn't possible.
   */
  static async open(options: PeerHostOptions): Promise<PeerHost> {
    const peer = new PeerHost(options);
    const { listen, controlPort } = options;
    peer.#machine = await machineId();
    peer.#socket = await DatagramSocket.open(listen, peer);
    try {
      const control = { host: listen.host, port: controlPort };
      peer.#server = await TcpServer.listen(control, (connection) => peer.#serve(connection));
    } catch (error) {
      await peer.#socket.close();
      throw error;
    }
    return peer;
  }

  private constructor(options: PeerHostOptions) {
    this.#options = options;
  }

  /** Where multicasts are received. */
  get udp(): Address {
    return this.#socket.address;
  }

  /** Where runs are started. */
  get control(): Address {
    return this.#server.address;
  }

  /** Control connections that sent what is not understood. */
  get malformedConnections(): number {
    return this.#server.counters.malformed;
  }

  /** Resolves when a comparison server ends this process. */
  get quit(): Promise<void> {
    return this.#quit.promise;
  }

  /** Resolves when no run is on. */
  async untilIdle(): Promise<void> {
    while (this.#run !== null) await this.#run.released.promise;
  }

  /** Leaves the run and closes both ports. */
  async close(): Promise<void> {
    this.#release();
    await this.#server.close();
    await this.#socket.close();
  }

  // --- DatagramHandler

  /** @ignore */
  receive(bytes: Uint8Array): void {
    if (this.#run === null) this.strays++;
    else this.#run.host.receive(bytes);
  }

  /** @ignore */
  endTurn(): void {
    this.#run?.host.endTurn();
  }

  // --- control

  async #serve(connection: TcpConnection): Promise<void> {
    const timer = setTimeout(() => connection.close(), FIRST_REQUEST_MS);
    try {
      for await (const message of connection) {
        clearTimeout(timer);
        let request;
        try {
          request = decodeControlRequest(message);
        } catch (error) {
          await connection.send(failed((error as Error).message));
          await connection.reject((error as Error).message);
          return;
        }
        switch (request.type) {
          case "start":
            await this.#start(request, connection);
            break;
          case "finish":
            if (this.#run?.owner === connection) this.#run.cut.resolve();
            break;
          case "release":
            if (this.#run?.owner === connection) this.#release();
            break;
          case "quit":
            this.#quit.resolve();
            return;
        }
      }
    } finally {
      clearTimeout(timer);
      // A comparison server that is gone fetches no journal.
      if (this.#run?.owner === connection) this.#release();
    }
  }

  async #start(start: Start, connection: TcpConnection): Promise<void> {
    if (this.#run !== null && this.#run.owner === connection) this.#release();
    let host: GroupHost;
    try {
      const members = await this.#resolveMembers(start);
      if (this.#run !== null) throw new Error("It takes part in another run");
      const links = linksOf(
        this.#options,
        start.process,
        start.members.map(({ region }) => region),
      );
      host = new GroupHost({ ...start, self: start.process, members, links }, this.#socket);
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.onEvent?.({ type: "refused", reason });
      await connection.send({ type: "refused", reason } satisfies ControlReply);
      return;
    }
    const { order, process } = start;
    const run: CurrentRun = {
      host,
      order,
      owner: connection,
      cut: Promise.withResolvers(),
      released: Promise.withResolvers(),
    };
    this.#run = run;
    this.#options.onEvent?.({ type: "started", order, process, size: start.members.length });
    await connection.send({ type: "accepted", machine: this.#machine } satisfies ControlReply);
    void this.#report(run);
  }

  /** Says how far the run is until it has ended, then hands the journal over. */
  async #report(run: CurrentRun): Promise<void> {
    const { host, owner } = run;
    const timer = setInterval(() => {
      const { state, multicastCount: multicast, deliveredCount: delivered, waitingFor } =
        host.group;
      owner.send({ type: "progress", state, multicast, delivered, waitingFor });
    }, PROGRESS_INTERVAL_MS);
    try {
      await Promise.race([host.completed, run.cut.promise]);
    } finally {
      clearInterval(timer);
    }
    const { complete } = host;
    const waitingFor = complete ? [] : host.group.waitingFor;
    // Cut short, it leaves the group at once: the journal must not grow under the transfer.
    if (!complete) host.close();
    if (this.#run !== run) return; // The connection is gone, and with it whoever wants the journal.
    this.#options.onEvent?.({ type: "ended", order: run.order, complete, journal: host.journal });
    for (const chunk of host.journal === null ? [] : journalChunks(host.journal)) {
      if (!await owner.send(chunk)) return;
    }
    await owner.send(
      {
        type: "end",
        complete,
        waitingFor,
        datagrams: host.datagrams,
        bytes: host.bytes,
        malformed: host.malformed,
        corrupted: host.corrupted,
        retransmitted: host.group.retransmitted,
        digest: host.digest?.summary() ?? null,
      } satisfies ControlReply,
    );
  }

  #release(): void {
    this.#run?.host.close();
    this.#run?.cut.resolve();
    this.#run?.released.resolve();
    this.#run = null;
  }

  /** All members' addresses as this socket can send to them. */
  async #resolveMembers(start: Start): Promise<Deno.NetAddr[]> {
    const family = isIPv6(this.udp.host) ? 6 : 4;
    return await Promise.all(start.members.map(async ({ name, udp }, process) => {
      // Its own address needs no resolving: nobody sends to himself.
      if (process === start.process) return netAddress(this.udp.host, this.udp.port);
      if (isUnspecified(udp.host) || udp.port === 0) {
        throw new Error(`Process ${process} (${name}) has no usable address ${formatAddress(udp)}`);
      }
      return netAddress(await resolveHost(udp.host, { family }), udp.port);
    }));
  }
}

function netAddress(hostname: string, port: number): Deno.NetAddr {
  return { transport: "udp", hostname, port };
}

function failed(reason: string): ControlReply {
  return { type: "error", reason };
}
