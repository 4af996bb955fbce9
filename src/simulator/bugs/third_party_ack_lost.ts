/**
 * ```text
 * right:  who lacks an acknowledgement, of anybody's message, asks for it
 * here:   who lacks an acknowledgement of its own message sends that again
 * ```
 *
 * @module
 */

import { type Frame, FrameFlag, FrameKind } from "../../protocols/frame.ts";
import { GroupProcess } from "../../protocols/group_process.ts";
import { filtered } from "../recording_outbox.ts";
import type { Bug } from "./bug.ts";

/** Nobody probes. */
export const thirdPartyAckLost: Bug = {
  name: "third-party-ack-lost",
  order: "lamport",
  explanation:
    "only a message's sender makes good the loss of its acknowledgements, by sending it " +
    "again, so that a process which misses another receiver's last acknowledgement waits for ever",
  caughtBy: "liveness",
  makeGroup: (options, outbox) => {
    const unprobed = filtered(outbox, {
      multicast: (frame) => outbox.multicast(frame),
      send: (to, frame) => {
        if (!isProbe(frame)) outbox.send(to, frame);
      },
    });
    return new ContentGroup(options, unprobed);
  },
};

/** Does it ask for knowledge alone? */
function isProbe({ kind, flags, times, gaps }: Frame): boolean {
  return kind === FrameKind.data && (flags & FrameFlag.replyWanted) !== 0 &&
    times.length === 0 && gaps.length === 0;
}

/** Its end is to have delivered everything, whether or not it hears that the others have: they may
 * wait for nothing but acknowledgements. */
class ContentGroup extends GroupProcess {
  override get complete(): boolean {
    return this.finished;
  }
}
