/**
 * What happens in a chat, in words.
 *
 * @module
 */

import { formatAddress } from "../hosts/address.ts";
import type { ChatEvent, ChatPresence } from "../hosts/chat_host.ts";
import { nameList } from "./name_list.ts";

/** The state of a chat as its notices need it: what people know already. */
export class ChatStory {
  readonly #self: string;
  #hasBegun = false;

  /** For the process of that name. */
  constructor(self: string) {
    this.#self = self;
  }

  /** The goodbye has been said: who leaves before the chat has begun isn't told that it is in it. */
  end(): void {
    this.#hasBegun = true;
  }

  /** What to tell people of an event, a sentence a line; nothing for lines and warnings, which
   * aren't notices. */
  tell(event: ChatEvent): readonly string[] {
    switch (event.type) {
      case "waiting":
        return event.names.length === 0 ? [] : [`Waiting for ${nameList(event.names)}`];
      case "view":
        return this.#tellView(event);
      case "silent":
        return [`No sign of life from ${nameList([event.name])} for some seconds`];
      case "heard":
        return [`${nameList([event.name])} is back`];
      case "blocked":
        return event.names.length === 0
          ? ["Lines go on"]
          : [`Lines wait for ${nameList(event.names)}: all must have them`];
      case "listening":
        return [`${this.#self} receives at ${formatAddress(event.address)} (UDP)`];
      case "deliver":
      case "warning":
        return [];
    }
  }

  #tellView({ members, joined, left }: Extract<ChatEvent, { type: "view" }>): string[] {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    if (isFirst) return [this.#introduce(members)];
    const notices = [];
    if (left.length > 0) notices.push(`${nameList(left)} ${has(left)} left`);
    if (joined.length > 0) notices.push(`${nameList(joined)} ${has(joined)} joined`);
    return notices;
  }

  #introduce(members: readonly string[]): string {
    const others = members.filter((name) => name !== this.#self);
    if (others.length === 0) return "You are in the chat, alone so far; /help lists the commands";
    return `You are in the chat with ${nameList(others)}; /help lists the commands`;
  }
}

const REMARKS: Readonly<Record<ChatPresence["state"], string>> = {
  here: "",
  silent: " (silent)",
  left: " (has left)",
  missing: " (missing)",
};

/** Who is there, for `/who`: `alice (you), bob, carol (silent)`. */
export function describePresence(everybody: readonly ChatPresence[]): string {
  return everybody.map(({ name, state, self }) => {
    const remark = self ? " (you)" : REMARKS[state];
    return nameList([name]) + remark;
  }).join(", ");
}

function has(names: readonly string[]): string {
  return names.length === 1 ? "has" : "have";
}
