/**
 * What a chat wants from the world.
 *
 * @module
 */

import type { FrameOutbox } from "../outbox.ts";
import type { ProcessId } from "../process.ts";
import type { ChatContact, ChatNews, Greeting, ViewPlan } from "./chat_messages.ts";

/** The network below and the user above. Nothing here calls the chat back. Datagrams may be lost,
 * doubled and overtaken. */
export interface ChatOutbox {
  /** Says who one is. */
  greet(to: ChatContact, greeting: Greeting): void;
  /** Invites to a view. */
  invite(to: ChatContact, plan: ViewPlan): void;
  /** Opens the way for the frames of a view in which this process has the number `self`. */
  openFrames(plan: ViewPlan, self: ProcessId): FrameOutbox;
  /** The frames of this view will be neither sent nor taken in any more. */
  closeFrames(plan: ViewPlan): void;
  /** Tells the user. */
  news(news: ChatNews): void;
}
