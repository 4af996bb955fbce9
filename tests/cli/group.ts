/**
 * A manager and peers that run beside a test.
 *
 * @module
 */

import { type Ending, RunningProcess, runToEnd, type StartOptions } from "./processes.ts";

/** A group of processes on this machine, named p0, p1 and so on. */
export class Group implements AsyncDisposable {
  readonly #running: AsyncDisposableStack;
  readonly manager: RunningProcess;
  /** The manager's address. */
  readonly address: string;
  readonly peers: readonly RunningProcess[];

  /** Starts a manager and as many peers as there are lists of further arguments. Returns when all
   * are registered. */
  static async start(...peerArgs: readonly (readonly string[])[]): Promise<Group> {
    await using running = new AsyncDisposableStack();
    const manager = running.use(startManager());
    const address = await addressOf(manager);
    const peers = peerArgs.map((args, p) =>
      running.use(startPeer(address, ["--name", `p${p}`, ...args]))
    );
    await Promise.all(peers.map((peer) => peer.event("listening")));
    return new Group(running.move(), manager, address, peers);
  }

  private constructor(
    running: AsyncDisposableStack,
    manager: RunningProcess,
    address: string,
    peers: readonly RunningProcess[],
  ) {
    this.#running = running;
    this.manager = manager;
    this.address = address;
    this.peers = peers;
  }

  /** Lets a comparison server run to its end. */
  async compare(...args: string[]): Promise<Ending> {
    return await runToEnd(["compare", "--manager", this.address, "--json", ...args]);
  }

  /** Starts a comparison server. */
  startCompare(...args: string[]): RunningProcess {
    return this.#running.use(
      RunningProcess.start(["compare", "--manager", this.address, "--json", ...args]),
    );
  }

  /** Starts one more peer. */
  startPeer(...args: string[]): RunningProcess {
    return this.#running.use(startPeer(this.address, args));
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** So many peers without arguments of their own, for {@linkcode Group.start}. */
export function plain(peers: number): string[][] {
  return Array.from({ length: peers }, () => []);
}

/** Starts a manager, on any port unless told otherwise. */
export function startManager(options: StartOptions = {}, listen = "127.0.0.1:0"): RunningProcess {
  return RunningProcess.start(["manager", "--listen", listen, "--json"], options);
}

/** The address at which a manager or a peer is ready. */
export async function addressOf(server: RunningProcess): Promise<string> {
  return (await server.event("listening")).address as string;
}

function startPeer(manager: string, args: readonly string[]): RunningProcess {
  return RunningProcess.start(["peer", "--manager", manager, "--json", ...args]);
}
