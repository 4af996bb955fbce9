/**
 * The line that a message is in a participant's log.
 *
 * @module
 */

import { LineBuffer } from "../../src/hosts/line_buffer.ts";
import { MessageLineWriter } from "../../src/hosts/participant_log_line.ts";
import type { Message } from "../../src/protocols/persistent/messages.ts";

/** The line, with its line break. */
export function formatMessageLine(message: Message): string {
  const lines = new LineBuffer();
  new MessageLineWriter(lines).write(message);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(lines.take());
}
