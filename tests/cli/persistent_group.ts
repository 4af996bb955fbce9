/**
 * A coordinator and participants that run beside a test, all of them real processes.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Request } from "../../src/protocols/persistent/messages.ts";
import type { Address } from "../../src/wire/address.ts";
import type { CoordinatorStatus } from "../../src/wire/persistent_messages.ts";
import { CoordinatorClient } from "../../src/hosts/coordinator_client.ts";
import { addressOf } from "./group.ts";
import { type PrintedEvent, RunningProcess } from "./processes.ts";

/** A line of a participant's log. */
export interface LoggedMessage {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sender: string;
  readonly text: string;
}

/** A request that still wants its name. */
export type Wish = Request extends infer R ? R extends Request ? Omit<R, "request"> : never : never;

/** A persistent multicast on this machine. */
export class PersistentGroup implements AsyncDisposable {
  readonly #running: AsyncDisposableStack;
  readonly #tdSeconds: number;
  #coordinator: RunningProcess;
  /** Where logs and the store are. */
  readonly dir: string;
  /** The coordinator's. */
  readonly address: Address;

  /** Starts a coordinator with an empty store. */
  static async start(tdSeconds = 3600): Promise<PersistentGroup> {
    await using running = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "mpcomm-persistent-" });
    running.defer(() => Deno.remove(dir, { recursive: true }));
    const coordinator = running.use(startCoordinator(dir, "127.0.0.1:0", tdSeconds));
    const [host, port] = (await addressOf(coordinator)).split(":");
    const address = { host: host!, port: Number(port) };
    return new PersistentGroup(running.move(), dir, address, tdSeconds, coordinator);
  }

  private constructor(
    running: AsyncDisposableStack,
    dir: string,
    address: Address,
    tdSeconds: number,
    coordinator: RunningProcess,
  ) {
    this.#running = running;
    this.dir = dir;
    this.address = address;
    this.#tdSeconds = tdSeconds;
    this.#coordinator = coordinator;
  }

  /** The coordinator that runs, or ran last. */
  get coordinator(): RunningProcess {
    return this.#coordinator;
  }

  /** The coordinator's address, as it is written. */
  get place(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  /** Starts the coordinator again, at the same address and with the same store. */
  async restartCoordinator(): Promise<void> {
    this.#coordinator = this.#running.use(startCoordinator(this.dir, this.place, this.#tdSeconds));
    await addressOf(this.#coordinator);
  }

  /** Starts a participant, whose log is that of its ID unless `args` say otherwise. */
  start(id: string, ...args: string[]): RunningProcess {
    return this.#running.use(RunningProcess.start([
      ...["participant", "--id", id, "--coordinator", this.place, "--json", "--quiet"],
      ...(args.includes("--log") ? [] : ["--log", this.logPath(id)]),
      ...args,
    ]));
  }

  /** Starts participants that register, and waits until they are connected. */
  async startAll(...ids: string[]): Promise<RunningProcess[]> {
    const participants = ids.map((id) => this.start(id, "--exec", "register"));
    // Which of the two comes first is open.
    await Promise.all(participants.map((participant) => participant.event("ok")));
    await Promise.all(participants.map((participant) => participant.event("connected")));
    return participants;
  }

  /** The name of a participant's log. */
  logPath(id: string): string {
    return `${this.dir}/${id}.log`;
  }

  /** What is in a participant's log. */
  log(id: string): LoggedMessage[] {
    return Deno.readTextFileSync(this.logPath(id)).split("\n").slice(0, -1)
      .filter((line) => !line.startsWith("#"))
      .map((line) => {
        const [seq, time, sender, text] = line.split("\t");
        return { seq: Number(seq), at: Date.parse(time!), sender: sender!, text: text! };
      });
  }

  /** The texts in a participant's log. */
  texts(id: string): string[] {
    return this.log(id).map(({ text }) => text);
  }

  /** What the coordinator says. */
  async status(): Promise<CoordinatorStatus> {
    return await new CoordinatorClient(this.address).status();
  }

  /** Resolves when the coordinator's status is as it should be. */
  async settled(holds: (status: CoordinatorStatus) => boolean): Promise<CoordinatorStatus> {
    for (const end = performance.now() + 60_000;;) {
      const status = await this.status();
      if (holds(status)) return status;
      assert.ok(performance.now() < end, `after 60 s still ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resolves when all these have acknowledged everything. */
  async caughtUp(...ids: string[]): Promise<void> {
    await this.settled(({ members }) =>
      ids.every((id) => members.some((one) => one.id === id && one.connected && one.backlog === 0))
    );
  }

  /** Ends all processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** Tells a participant to do something; returns its answer. */
export async function ask(participant: RunningProcess, command: string): Promise<PrintedEvent> {
  const answers = () => [...participant.events("ok"), ...participant.events("error")].length;
  const before = answers();
  const [name] = command.split(" ");
  const known = new Set([...participant.events("ok"), ...participant.events("error")]);
  await participant.type(`${command}\n`);
  await participant.prints(() => answers() > before);
  const fresh = [...participant.events("ok"), ...participant.events("error")]
    .filter((event) => !known.has(event));
  assert.equal(fresh.length, 1, `${command} is answered once`);
  assert.equal(fresh[0]!.command, name);
  return fresh[0]!;
}

/** Tells a participant to do something that must work. */
export async function tell(participant: RunningProcess, command: string): Promise<PrintedEvent> {
  const answer = await ask(participant, command);
  assert.equal(answer.event, "ok", JSON.stringify(answer));
  return answer;
}

/** Resolves when a participant has printed this text of a message. */
export async function got(participant: RunningProcess, text: string): Promise<void> {
  await participant.event("message", (event) => event.text === text);
}

function startCoordinator(dir: string, listen: string, tdSeconds: number): RunningProcess {
  return RunningProcess.start([
    ...["coordinator", "--listen", listen, "--td", String(tdSeconds)],
    ...["--store", `${dir}/messages.db`, "--json", "--quiet"],
  ]);
}
