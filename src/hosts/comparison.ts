/**
 * The comparison server: starts a run at all processes, follows it, and collects the journals.
 *
 * Nothing here waits for ever. A run that has not come to its end when its time is over is cut
 * short: every process is asked for what it has, and one that says nothing for a while is given up
 * and named.
 *
 * @module
 */

import type { DigestSummary } from "../history/delivery_digest.ts";
import { Journal } from "../history/journal.ts";
import type { Run } from "../history/run.ts";
import type { LatencyOf } from "../history/run_facts.ts";
import { MAX_GROUP_SIZE } from "../protocols/frame.ts";
import type { Millis, Order, ProcessId } from "../protocols/process.ts";
import {
  type ControlReply,
  type ControlRequest,
  decodeControlReply,
  type End,
  type Progress,
  type Start,
} from "../wire/control_messages.ts";
import { appendChunk } from "../wire/journal_chunks.ts";
import type { Member } from "../wire/manager_messages.ts";
import { connectTcp } from "./tcp_client.ts";
import type { TcpConnection } from "./tcp_connection.ts";

/** A process that has been asked for its journal and says nothing for so long is given up. */
const SILENCE_MS: Millis = 5000;

/** When a process is gone, the others have so long to come to the end without it. */
const GRACE_MS: Millis = 2000;

/** What is run. */
export interface RunSpec {
  readonly order: Order;
  /** How many messages each sender multicasts. */
  readonly messages: number;
  /** So many processes multicast, the first ones; the others listen. */
  readonly senders: number;
  /** How many own messages a process may have multicast and not delivered; null for any number. */
  readonly outstanding: number | null;
  readonly intervalMinMs: Millis;
  readonly intervalMaxMs: Millis;
  readonly payloadBytes: number;
  readonly seed: number;
  /** Whether the processes keep logs and hand them over, or digests. */
  readonly log: boolean;
  /** After this time the run is cut short. */
  readonly timeoutMs: Millis;
}

/** How far a run has come. */
export interface RunProgress {
  readonly multicast: number;
  readonly delivered: number;
  /** Processes for which others wait: a number of processes each. */
  readonly awaited: ReadonlyMap<ProcessId, number>;
}

/** What went wrong at a process. */
export interface Problem {
  readonly process: ProcessId;
  readonly name: string;
  /** What is the matter with it, without its name: "is gone (connection reset)". */
  readonly reason: string;
  /** Whether the trouble is its own, or it only waits for others. */
  readonly culprit: boolean;
}

/** What came out of a run. */
export interface ComparedRun {
  /** Without journals where no logs were kept. */
  readonly run: Run;
  /** What stands for the journals where no logs were kept; otherwise null. */
  readonly digests: ReadonlyMap<ProcessId, DigestSummary> | null;
  readonly latencyOf: LatencyOf;
  readonly datagrams: number;
  readonly bytes: number;
  readonly malformed: number;
  /** How many deliveries of each process had a wrong payload; only those that had any. */
  readonly corrupted: ReadonlyMap<ProcessId, number>;
  readonly retransmitted: number;
  readonly problems: readonly Problem[];
}

/** The processes of a group, and connections to all of them. */
export class Comparison {
  readonly #members: readonly Member[];
  readonly #links: PeerLink[];

  private constructor(members: readonly Member[], links: PeerLink[]) {
    this.#members = members;
    this.#links = links;
  }

  /**
   * Connects to members, `wanted` of them at most: rather to those that can be reached, and then to
   * those that registered earlier. They are numbered by name, so that the same names get the same
   * numbers in each run. One that can't be reached is a problem of each run.
   *
   * @throws {RangeError} if there are more than a group may have.
   */
  static async connect(
    members: readonly Member[],
    wanted: number,
    signal: AbortSignal,
  ): Promise<Comparison> {
    if (Math.min(members.length, wanted) > MAX_GROUP_SIZE) {
      throw new RangeError(
        `${members.length} processes are registered, and a group has at most ${MAX_GROUP_SIZE}`,
      );
    }
    const contacts = await Promise.all(members.map((member) => contact(member, signal)));
    const reachable = contacts.filter(({ connection }) => connection !== null);
    const others = contacts.filter(({ connection }) => connection === null);
    const chosen = [...reachable, ...others].slice(0, wanted);
    for (const { connection } of reachable.slice(wanted)) connection!.close();
    chosen.sort((a, b) => COLLATOR.compare(a.member.name, b.member.name));
    return new Comparison(
      chosen.map(({ member }) => member),
      chosen.map(({ member, connection, failure }, process) =>
        new PeerLink(process, member.name, connection, failure)
      ),
    );
  }

  /** How many processes take part. */
  get size(): number {
    return this.#members.length;
  }

  /** Runs one order and collects what happened. Aborting the signal cuts the run short. */
  async run(
    spec: RunSpec,
    onProgress: (progress: RunProgress) => void,
    signal: AbortSignal,
  ): Promise<ComparedRun> {
    const { timeoutMs, senders, ...rest } = spec;
    const start = {
      type: "start" as const,
      ...rest,
      run: newRun(),
      members: this.#members.map(({ name, udp, region }) => ({ name, udp, region })),
    };
    const startOf = (process: ProcessId) => ({
      ...start,
      process,
      messages: process < senders ? spec.messages : 0,
    });
    // Multicast or received once, and delivered once.
    const maxEvents = 2 * Math.min(senders, this.size) * spec.messages + 16;
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort("the time was over"), timeoutMs);
    const cutShort = () => cut.abort("it was cut short");
    signal.addEventListener("abort", cutShort);
    if (signal.aborted) cutShort();
    let graceTimer: ReturnType<typeof setTimeout> | undefined;
    const onChange = () => {
      onProgress(this.#progress());
      if (graceTimer === undefined && this.#links.some((link) => link.isGone)) {
        graceTimer = setTimeout(() => cut.abort("a process was gone"), GRACE_MS);
      }
    };
    try {
      await Promise.all(
        this.#links.map((link) =>
          link.run(startOf(link.process), { cut: cut.signal, maxEvents, onChange })
        ),
      );
    } finally {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      signal.removeEventListener("abort", cutShort);
    }
    for (const link of this.#links) link.send({ type: "release" });
    return this.#collect(spec.log);
  }

  /** Ends all processes. */
  async quit(): Promise<void> {
    for (const link of this.#links) link.send({ type: "quit" });
    await this.close();
  }

  /** Leaves the processes to themselves. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.connection?.finish()));
  }

  #progress(): RunProgress {
    const awaited = new Map<ProcessId, number>();
    let multicast = 0;
    let delivered = 0;
    for (const { progress, end } of this.#links) {
      multicast += progress?.multicast ?? 0;
      delivered += progress?.delivered ?? 0;
      if (end !== null) continue;
      for (const p of progress?.waitingFor ?? []) awaited.set(p, (awaited.get(p) ?? 0) + 1);
    }
    return { multicast, delivered, awaited };
  }

  #collect(log: boolean): ComparedRun {
    const links = this.#links;
    const ends = links.flatMap(({ end }) => end === null ? [] : [end]);
    const sum = (of: (end: End) => number) => ends.reduce((total, end) => total + of(end), 0);
    // One that never took part has no clock to be compared.
    const machines = new Set(links.flatMap(({ machine }) => machine === "" ? [] : [machine]));
    return {
      run: {
        processes: links.length,
        journals: new Map(
          links.filter(({ hasJournal }) => log && hasJournal).map(({ process, journal }) => [
            process,
            journal,
          ]),
        ),
        incomplete: new Set(
          links.filter(({ end }) => !end?.complete).map(({ process }) => process),
        ),
      },
      digests: log ? null : new Map(
        links.flatMap(({ process, end }) =>
          end === null || end.digest === null ? [] : [[process, end.digest] as const]
        ),
      ),
      latencyOf: machines.size <= 1 ? "last-delivery" : "own-delivery",
      datagrams: sum((end) => end.datagrams),
      bytes: sum((end) => end.bytes),
      malformed: sum((end) => end.malformed),
      corrupted: new Map(
        links.flatMap(({ process, end }) =>
          end !== null && end.corrupted > 0 ? [[process, end.corrupted] as const] : []
        ),
      ),
      retransmitted: sum((end) => end.retransmitted),
      problems: links.flatMap((link) => link.problem(this.#members) ?? []),
    };
  }
}

/** Names with numbers in them sort as people count: p2 before p10. */
const COLLATOR = new Intl.Collator("en", { numeric: true });

/** A member, and either a connection to it or the reason why there is none. */
interface Contact {
  readonly member: Member;
  readonly connection: TcpConnection | null;
  readonly failure: string | null;
}

async function contact(member: Member, signal: AbortSignal): Promise<Contact> {
  try {
    const connection = await connectTcp(`process ${member.name}`, member.control, { signal });
    return { member, connection, failure: null };
  } catch (error) {
    return { member, connection: null, failure: (error as Error).message };
  }
}

/** How a process's part of a run is followed. */
interface LinkRun {
  /** Cuts the run short. */
  readonly cut: AbortSignal;
  /** A journal has no more events than this. */
  readonly maxEvents: number;
  /** Called when something is new. */
  readonly onChange: () => void;
}

/** The comparison server's end of the connection to one process. */
class PeerLink {
  readonly process: ProcessId;
  readonly name: string;
  readonly connection: TcpConnection | null;
  /** Why there is no connection. */
  readonly #unreachable: string | null;

  machine = "";
  progress: Progress | null = null;
  end: End | null = null;
  journal = new Journal(0);
  #trouble: string | null = null;
  #started = false;

  constructor(
    process: ProcessId,
    name: string,
    connection: TcpConnection | null,
    unreachable: string | null,
  ) {
    this.process = process;
    this.name = name;
    this.connection = connection;
    this.#unreachable = unreachable;
  }

  /** Has the process left before the end? */
  get isGone(): boolean {
    return this.#trouble !== null;
  }

  /** Has it handed over anything? */
  get hasJournal(): boolean {
    return this.end !== null || this.journal.length > 0;
  }

  send(request: ControlRequest): void {
    void this.connection?.send(request);
  }

  /** Starts the run and takes in what the process answers, up to its end. */
  async run(start: Start, { cut, maxEvents, onChange }: LinkRun): Promise<void> {
    this.progress = this.end = this.#trouble = null;
    this.#started = false;
    this.machine = "";
    this.journal = Journal.withRoom(this.process, start.log ? maxEvents : 0);
    const { connection } = this;
    if (connection === null) {
      this.#trouble = `can't be reached: ${this.#unreachable}`;
      onChange();
      return;
    }
    this.send(start);
    const silence = new Silence(SILENCE_MS, () => {
      this.#trouble ??= "does not answer";
      connection.close();
    });
    const finish = () => {
      this.send({ type: "finish" });
      silence.start();
    };
    cut.addEventListener("abort", finish);
    if (cut.aborted) finish();
    try {
      while (this.end === null && this.#trouble === null) {
        const message = await connection.receive();
        silence.restart();
        this.#take(message, start, maxEvents);
        onChange();
      }
    } finally {
      silence.stop();
      cut.removeEventListener("abort", finish);
    }
  }

  #take(message: unknown, start: Start, maxEvents: number): void {
    const processes = start.members.length;
    if (message === undefined) {
      this.#trouble ??= `is gone (${this.connection!.ending})`;
      return;
    }
    try {
      const reply: ControlReply = decodeControlReply(message);
      switch (reply.type) {
        case "accepted":
          this.#started = true;
          this.machine = reply.machine;
          return;
        case "progress":
          this.progress = reply;
          return;
        case "log":
          if (start.log) appendChunk(this.journal, reply, { processes, maxEvents });
          return;
        case "end":
          // Of a run before this one, which was cut short and has been given up.
          if (!this.#started) return;
          if (!start.log) checkDigest(reply, processes);
          this.end = reply;
          return;
        case "refused":
          this.#trouble = `refused to take part: ${reply.reason}`;
          return;
        case "error":
          this.#trouble = `failed: ${reply.reason}`;
          return;
      }
    } catch (error) {
      this.#trouble = `sent what is not understood (${(error as Error).message})`;
    }
  }

  /** What is the matter with this process, or null. */
  problem(members: readonly Member[]): Problem | null {
    const { process, name } = this;
    if (this.#trouble !== null) return { process, name, reason: this.#trouble, culprit: true };
    if (this.end === null || this.end.complete) return null;
    const awaited = this.end.waitingFor.map((p) => `process ${p} (${members[p]?.name ?? "?"})`);
    const reason = awaited.length === 0
      ? "did not come to the end"
      : `waits for ${awaited.join(", ")}`;
    return { process, name, reason, culprit: false };
  }
}

/** @throws {TypeError} if there is no digest, or it is of a group with another number of processes. */
function checkDigest({ digest }: End, processes: number): void {
  if (digest === null) throw new TypeError("In message end: there is no digest, as of an old peer");
  const { senders, firstSkip, firstRepeat, firstEarly } = digest;
  const isOfGroup = senders.length === processes &&
    [firstSkip, firstRepeat, firstEarly].every((first) => (first?.sender ?? 0) < processes);
  if (!isOfGroup) throw new TypeError("In message end: the digest is of another group");
}

/** Calls back when nothing has happened for a while. */
class Silence {
  readonly #ms: Millis;
  readonly #callback: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #started = false;

  constructor(ms: Millis, callback: () => void) {
    this.#ms = ms;
    this.#callback = callback;
  }

  start(): void {
    this.#started = true;
    this.restart();
  }

  restart(): void {
    if (!this.#started) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#callback, this.#ms);
  }

  stop(): void {
    this.#started = false;
    clearTimeout(this.#timer);
  }
}

/** A number that no other run is likely to have, 1 to 2^48 - 1. */
function newRun(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! & 0xffff) * 2 ** 32 + low! || 1;
}
