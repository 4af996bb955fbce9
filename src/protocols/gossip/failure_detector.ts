/**
 * Finds out which members have crashed (Das, Gupta and Motivala, SWIM: Scalable Weakly-consistent
 * Infection-style Process Group Membership Protocol, 2002, sections 3.1 and 4.2).
 *
 * One member is probed in each period. If it doesn't answer a ping in time, others are asked to ping
 * it, the ping is repeated, because a lost datagram is likelier than a crash, and the host is to find out
 * whether anybody listens there at all. Who was silent to the end of the period is a suspect; who doesn't
 * contradict in time is dead. If the suspect's machine itself says that nobody listens, it is dead at
 * once: so a process that was killed is missed soon, though one that is slow gets a long time.
 *
 * What is found out goes to `accuse`; what becomes known of a member, whoever found it out, has to come
 * back through `changed`.
 *
 * @module
 */

import type { Millis } from "../process.ts";
import type { Random } from "../random.ts";
import type { MembershipOptions } from "./gossip_options.ts";
import type { MemberChange, MemberTable } from "./member_table.ts";
import type {
  Ack,
  MemberRecord,
  MembershipMessage,
  MemberState,
  NodeName,
  PingRequest,
} from "./messages.ts";
import { PingRelays } from "./ping_relays.ts";
import { ProbeOrder } from "./probe_order.ts";
import { Suspicions } from "./suspicions.ts";

/** A ping that isn't answered is repeated after this part of the time to answer. */
const REPEAT_PART = 1 / 2;

/** What the detector wants from the node. */
export interface DetectorOutbox {
  send(address: string, body: MembershipMessage): void;
  /** Finds out whether anybody listens at this address; if not, `refused` is to be called. */
  check(address: string): void;
  /** The next message is for this suspect: it must say so. */
  confront(suspect: MemberRecord): void;
  /** Says that a member is suspect or dead. */
  accuse(record: MemberRecord, now: Millis): void;
}

/** The probe of a period. */
interface Probe {
  readonly target: NodeName;
  readonly number: number;
  /** When it is pinged again. */
  pingAt: Millis;
  /** When others are asked. */
  readonly askAt: Millis;
  hasAsked: boolean;
  isAnswered: boolean;
}

/** The failure detector of one node. */
export class FailureDetector {
  readonly #options: MembershipOptions;
  readonly #table: MemberTable;
  readonly #outbox: DetectorOutbox;
  readonly #order: ProbeOrder;
  readonly #suspicions: Suspicions;
  readonly #relays = new PingRelays();
  /** Null in a period in which there was nobody to probe. */
  #probe: Probe | null = null;
  #periodEndsAt: Millis;
  #lastNumber = 0;

  constructor(
    options: MembershipOptions,
    table: MemberTable,
    outbox: DetectorOutbox,
    random: Random,
    now: Millis,
  ) {
    this.#options = options;
    this.#table = table;
    this.#outbox = outbox;
    this.#order = new ProbeOrder(table, random);
    this.#suspicions = new Suspicions(options.suspicionMs, options.probeTimeoutMs);
    // Nodes that were started together don't all probe at the same time.
    this.#periodEndsAt = now + random.float() * options.probeIntervalMs;
  }

  /** When `tick` must be called next. */
  get deadline(): Millis {
    const at = Math.min(this.#periodEndsAt, this.#suspicions.deadline);
    const probe = this.#probe;
    if (probe === null || probe.isAnswered) return at;
    return Math.min(at, probe.pingAt, probe.hasAsked ? Infinity : probe.askAt);
  }

  /** Something new has become known of a member. */
  changed({ name, state }: MemberRecord, change: MemberChange, now: Millis): void {
    if (change === "came") this.#order.add(name);
    if (state === "suspect") this.#suspicions.begin(name, now);
    else this.#suspicions.end(name);
  }

  /** A message came from this member itself, whatever it says. */
  heardFrom(name: NodeName): void {
    if (this.#probe?.target === name) this.#probe.isAnswered = true;
  }

  /** Who is at this address wants to know whether the target is there. */
  receivePingRequest(message: PingRequest, address: string): void {
    const { target } = message;
    const number = ++this.#lastNumber;
    this.#relays.add(number, message, address);
    this.#outbox.send(message.address, { type: "ping", target, probe: number });
  }

  /** The target has answered, to us or to somebody whom we asked. */
  receiveAck({ target, probe: number }: Ack): void {
    const probe = this.#probe;
    if (probe?.target === target && probe.number === number) probe.isAnswered = true;
    const relay = this.#relays.take(number, target);
    if (relay === undefined) return;
    this.#outbox.send(relay.address, { type: "ack", target, probe: relay.probe });
  }

  /** Nobody listens at this address. */
  refused(address: string, now: Millis): void {
    const probe = this.#probe;
    const isSilent = probe !== null && probe.hasAsked && !probe.isAnswered;
    const names = new Set(this.#suspicions.names);
    if (isSilent) names.add(probe.target);
    for (const name of names) {
      if (this.#table.get(name)?.address === address) this.#accuse(name, "dead", now);
    }
  }

  /** The deadline is reached. */
  tick(now: Millis): void {
    for (const name of this.#suspicions.expired(now)) this.#accuse(name, "dead", now);
    for (const name of this.#suspicions.takeUntold(now)) this.#confront(name);
    if (now >= this.#periodEndsAt) {
      this.#endPeriod(now);
      this.#beginPeriod(now);
    } else if (this.#probe !== null && !this.#probe.isAnswered) {
      this.#pursue(this.#probe, now);
    }
  }

  #endPeriod(now: Millis): void {
    const probe = this.#probe;
    if (probe === null || probe.isAnswered) return;
    if (this.#table.get(probe.target)?.state === "alive") {
      this.#accuse(probe.target, "suspect", now);
    }
    this.#suspicions.confirm(probe.target, now);
  }

  #beginPeriod(now: Millis): void {
    const { probeIntervalMs, probeTimeoutMs } = this.#options;
    this.#periodEndsAt = now + probeIntervalMs;
    const record = this.#order.take();
    this.#probe = record === undefined ? null : {
      target: record.name,
      number: ++this.#lastNumber,
      pingAt: now,
      askAt: now + probeTimeoutMs,
      ...{ hasAsked: false, isAnswered: false },
    };
    if (this.#probe !== null) this.#pursue(this.#probe, now);
  }

  /** Whatever it is time for. */
  #pursue(probe: Probe, now: Millis): void {
    const record = this.#table.get(probe.target);
    if (record === undefined || !this.#table.isUp(probe.target)) {
      this.#probe = null; // Others have found out more.
      return;
    }
    if (now >= probe.pingAt) {
      probe.pingAt = now + REPEAT_PART * this.#options.probeTimeoutMs;
      if (record.state === "suspect") this.#outbox.confront(record);
      this.#outbox.send(record.address, {
        ...{ type: "ping", target: record.name, probe: probe.number },
      });
    }
    if (now >= probe.askAt && !probe.hasAsked) {
      probe.hasAsked = true;
      this.#askOthers(record, probe.number);
    }
  }

  #askOthers({ name: target, address }: MemberRecord, number: number): void {
    this.#outbox.check(address);
    for (const other of this.#table.draw(this.#options.indirectProbes, target)) {
      this.#outbox.send(other.address, { type: "ping-request", target, address, probe: number });
    }
  }

  /** Tells a suspect. If it is there, its answer contradicts. */
  #confront(name: NodeName): void {
    const record = this.#table.get(name);
    if (record === undefined) return;
    this.#outbox.check(record.address);
    this.#outbox.confront(record);
    this.#outbox.send(record.address, { type: "ping", target: name, probe: 0 });
  }

  #accuse(name: NodeName, state: MemberState, now: Millis): void {
    const record = this.#table.get(name);
    if (record !== undefined) this.#outbox.accuse({ ...record, state }, now);
  }
}
