/**
 * A chat in virtual time: real protocol, real codec, a network that does what the test says.
 *
 * @module
 */

import { ChatGroup } from "../../../src/protocols/chat/chat_group.ts";
import type {
  ChatContact,
  ChatIdentity,
  ChatNews,
  Greeting,
  ViewPlan,
} from "../../../src/protocols/chat/chat_messages.ts";
import type { ChatOutbox } from "../../../src/protocols/chat/chat_outbox.ts";
import { Frame } from "../../../src/protocols/frame.ts";
import type { FrameOutbox } from "../../../src/protocols/outbox.ts";
import type { Millis, ProcessId } from "../../../src/protocols/process.ts";
import { Random } from "../../../src/protocols/random.ts";
import {
  chatCodec,
  decodeChatDatagram,
  encodeGreeting,
  encodeInvitation,
  isChatDatagram,
} from "../../../src/wire/chat_messages.ts";
import { DatagramReader } from "../../../src/wire/datagram_reader.ts";
import { DatagramWriter, headerBytes } from "../../../src/wire/datagram_writer.ts";

const MAX_DATAGRAM_BYTES = 1400;
const GROUP = 1234;

/** More at one moment is a loop. */
const MAX_TURNS_AT_ONCE = 1000;

/** What the network does with one datagram, between ports: when its copies arrive, relative to now. */
export type ChatFate = (from: number, to: number, now: Millis, bytes: Uint8Array) => Millis[];

interface Arrival {
  at: Millis;
  from: number;
  to: number;
  bytes: Uint8Array;
}

interface OpenView {
  readonly plan: ViewPlan;
  readonly reader: DatagramReader;
  readonly frame: Frame;
}

/** A member's view and what it delivered in it, as `name:seq:text`. */
export interface ViewLog {
  readonly chat: number;
  readonly run: number;
  readonly number: number;
  readonly members: readonly string[];
  readonly lines: string[];
}

/** One process, from its start to its end. */
export class Chatter implements ChatOutbox {
  readonly self: ChatIdentity;
  readonly group: ChatGroup;
  readonly told: ChatNews[] = [];
  readonly log: ViewLog[] = [];
  /** What it has said, as it is delivered. */
  readonly said: string[] = [];
  /** Killed: nothing comes in and nothing goes out. */
  isDead = false;
  /** Stopped: the same, until it goes on. */
  isStopped = false;
  malformed = 0;
  readonly #chat: VirtualChat;
  readonly #open = new Map<number, OpenView>();
  readonly #plans: ViewPlan[] = [];

  constructor(chat: VirtualChat, self: ChatIdentity) {
    this.#chat = chat;
    this.self = self;
    this.group = new ChatGroup({
      self,
      group: GROUP,
      kind: chat.kind,
      codec: chatCodec,
      fragmentBytes: (size) => MAX_DATAGRAM_BYTES - headerBytes(size),
      random: new Random([chat.seed, self.nonce]),
    }, this);
  }

  get name(): string {
    return this.self.name;
  }

  get isActive(): boolean {
    return !this.isDead && !this.isStopped && !this.group.left;
  }

  /** The members of its view, as far as it has told. */
  get members(): readonly string[] {
    return this.log.at(-1)?.members ?? [];
  }

  get lines(): string[] {
    return this.log.flatMap(({ lines }) => lines);
  }

  /** The names in the latest news of this type. */
  latest(type: "waiting" | "blocked"): readonly string[] | undefined {
    return this.told.flatMap((each) => each.type === type ? [each.names] : []).at(-1);
  }

  say(text: string): void {
    this.group.say(text);
    this.said.push(`${this.name}:${this.said.length + 1}:${text}`);
  }

  receive(bytes: Uint8Array, now: Millis): void {
    if (!isChatDatagram(bytes)) return this.#receiveFrame(bytes, now);
    const message = decodeChatDatagram(bytes);
    if (message.type === "greeting") this.group.receiveGreeting(message.greeting, now);
    else this.group.receiveInvitation(message.plan, now);
  }

  #receiveFrame(bytes: Uint8Array, now: Millis): void {
    for (const [run, { reader, frame }] of this.#open) {
      const reading = reader.read(bytes, frame);
      if (reading === "other run") continue;
      if (reading === "malformed" || !this.group.receiveFrame(run, frame, now)) this.malformed++;
      return;
    }
  }

  greet(to: ChatContact, greeting: Greeting): void {
    this.#chat.transmit(this.self.port, to.port, encodeGreeting(greeting));
  }

  invite(to: ChatContact, plan: ViewPlan): void {
    this.#chat.transmit(this.self.port, to.port, encodeInvitation(GROUP, plan));
  }

  openFrames(plan: ViewPlan, self: ProcessId): FrameOutbox {
    const size = plan.members.length;
    this.#plans.push(plan);
    this.#open.set(plan.run, {
      plan,
      reader: new DatagramReader(plan.run, self, size),
      frame: new Frame(size),
    });
    const writer = new DatagramWriter(plan.run, MAX_DATAGRAM_BYTES);
    const send = (to: ProcessId, frame: Frame) =>
      writer.write(
        frame,
        (bytes) => this.#chat.transmit(this.self.port, plan.members[to]!.port, bytes.slice()),
      );
    return {
      send,
      multicast: (frame) => {
        for (let q = 0; q < size; q++) if (q !== self) send(q, frame);
      },
    };
  }

  closeFrames(plan: ViewPlan): void {
    this.#open.delete(plan.run);
  }

  /** How many views are kept. */
  get openViews(): number {
    return this.#open.size;
  }

  news(news: ChatNews): void {
    this.told.push(news);
    if (news.type === "deliver") {
      this.log.at(-1)!.lines.push(`${news.sender}:${news.seq}:${news.text}`);
    } else if (news.type === "view") {
      const { number, members } = news;
      const plan = this.#plans.findLast((each) => each.number === number)!;
      this.log.push({ chat: plan.chat, run: plan.run, number, members, lines: [] });
    }
  }
}

/** What the chat is like. */
export interface VirtualChatOptions {
  kind?: "static" | "open";
  seed?: number;
  fate?: ChatFate;
  /** Names in the static list. */
  names?: string[];
}

/** Processes and the network between them. */
export class VirtualChat {
  readonly kind: "static" | "open";
  readonly seed: number;
  readonly chatters: Chatter[] = [];
  now: Millis = 0;
  datagrams = 0;
  #turnsAtOnce = 0;
  #fate: ChatFate;
  #arrivals: Arrival[] = [];
  #nonces: Random;
  /** The static list, or the manager's. */
  #contacts: ChatContact[];
  #ports = new Map<string, number>();

  constructor(options: VirtualChatOptions = {}) {
    const { kind = "static", seed = 1, fate = () => [1], names = [] } = options;
    this.kind = kind;
    this.seed = seed;
    this.#fate = fate;
    this.#nonces = new Random([seed, 7]);
    this.#contacts = names.map((name) => this.#contact(name));
  }

  /** Starts a process. In an open chat it registers; the others see it in their list at once. */
  start(name: string): Chatter {
    const contact = this.#contact(name);
    const chatter = new Chatter(this, { ...contact, nonce: 1 + this.#nonces.below(2 ** 32 - 1) });
    if (this.kind === "open") {
      this.#contacts = this.#contacts.filter((each) => each.name !== name);
      this.#contacts.push(contact);
    }
    this.chatters.push(chatter);
    for (const each of this.chatters) if (each.isActive) each.group.meet(this.#contacts);
    return chatter;
  }

  /** Starts a process beside the one of the same name. It knows the list, and isn't in it. */
  add(self: ChatIdentity): Chatter {
    const chatter = new Chatter(this, self);
    this.chatters.push(chatter);
    chatter.group.meet(this.#contacts);
    return chatter;
  }

  /** Takes a process off the manager's list, as when its lease ends. */
  unregister(name: string): void {
    this.#contacts = this.#contacts.filter((each) => each.name !== name);
    for (const each of this.chatters) if (each.isActive) each.group.meet(this.#contacts);
  }

  /** Another network from now on. */
  setFate(fate: ChatFate): void {
    this.#fate = fate;
  }

  transmit(from: number, to: number, bytes: Uint8Array): void {
    this.datagrams++;
    for (const delay of this.#fate(from, to, this.now, bytes)) {
      this.#arrivals.push({ at: this.now + delay, from, to, bytes });
    }
  }

  /** Goes on until `condition` holds; false if `limitMs` of virtual time pass before. */
  runUntil(condition: () => boolean, limitMs: Millis = 60_000): boolean {
    const end = this.now + limitMs;
    // The test may have called anything: its turn ends here.
    for (const { group, isActive } of this.chatters) if (isActive) group.tick(this.now);
    for (;;) {
      for (const { group, isActive } of this.chatters) {
        if (isActive && group.deadline <= this.now) group.tick(this.now);
      }
      if (condition()) return true;
      const next = this.#nextTime();
      this.#turnsAtOnce = next > this.now ? 0 : this.#turnsAtOnce + 1;
      if (this.#turnsAtOnce > MAX_TURNS_AT_ONCE) throw new Error("The chat never comes to rest");
      if (next > end) {
        this.now = end;
        return condition();
      }
      this.now = Math.max(this.now, next);
      this.#arrive();
    }
  }

  /** Goes on for so long. */
  run(ms: Millis): void {
    this.runUntil(() => false, ms);
  }

  #contact(name: string): ChatContact {
    if (!this.#ports.has(name)) this.#ports.set(name, 1 + this.#ports.size);
    return { name, host: "10.0.0.1", port: this.#ports.get(name)! };
  }

  #nextTime(): Millis {
    let next = Infinity;
    for (const { group, isActive } of this.chatters) {
      if (isActive) next = Math.min(next, group.deadline);
    }
    for (const { at } of this.#arrivals) next = Math.min(next, at);
    return next;
  }

  #arrive(): void {
    const due = this.#arrivals.filter(({ at }) => at <= this.now);
    this.#arrivals = this.#arrivals.filter(({ at }) => at > this.now);
    due.sort((a, b) => a.at - b.at);
    const reached = new Set<Chatter>();
    for (const { to, bytes } of due) {
      // One process a port: the latest that was started there.
      const chatter = this.chatters.findLast(({ self }) => self.port === to);
      if (chatter === undefined || !chatter.isActive) continue;
      chatter.receive(bytes, this.now);
      reached.add(chatter);
    }
    for (const chatter of reached) if (chatter.isActive) chatter.group.tick(this.now);
  }
}
