/**
 * A message log that does what another one does, for mistakes that change a part of it.
 *
 * @module
 */

import type { MemberId, Message } from "../../protocols/persistent/messages.ts";
import type { MemberRecord, MessageLog } from "../../protocols/persistent/message_log.ts";
import type { Millis } from "../../protocols/process.ts";

/** Passes everything on. */
export class ChangedLog implements MessageLog {
  /** The log behind it. */
  readonly inner: MessageLog;

  constructor(inner: MessageLog) {
    this.inner = inner;
  }

  get store(): string {
    return this.inner.store;
  }

  get lastSeq(): number {
    return this.inner.lastSeq;
  }

  get lastAt(): Millis {
    return this.inner.lastAt;
  }

  append(message: Message, request: string): void {
    this.inner.append(message, request);
  }

  remember(request: string, seq: number, at: Millis): void {
    this.inner.remember(request, seq, at);
  }

  seqOfRequest(request: string): number | undefined {
    return this.inner.seqOfRequest(request);
  }

  read(after: number, maxMessages: number, maxBytes: number): Message[] {
    return this.inner.read(after, maxMessages, maxBytes);
  }

  firstSince(at: Millis): number {
    return this.inner.firstSince(at);
  }

  members(): Iterable<MemberRecord> {
    return this.inner.members();
  }

  saveMember(record: MemberRecord): void {
    this.inner.saveMember(record);
  }

  removeMember(id: MemberId): void {
    this.inner.removeMember(id);
  }

  prune(upTo: number, answersBefore: Millis): void {
    this.inner.prune(upTo, answersBefore);
  }

  commit(): void {
    this.inner.commit();
  }
}
