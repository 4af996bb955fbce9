/**
 * ```text
 * right:  what a member lacks is sent to it again, until it has acknowledged it
 * here:   a message is sent once
 * ```
 *
 * @module
 */

import { GroupProcess } from "../../protocols/group_process.ts";
import { filtered } from "../recording_outbox.ts";
import type { Bug } from "./bug.ts";

/** Nothing is sent again. */
export const noRetransmission: Bug = {
  name: "no-retransmission",
  order: "lamport",
  explanation: "a message is sent once and never again, so that after a loss all wait for ever " +
    "for the process that did not get it",
  caughtBy: "liveness",
  makeGroup: (options, outbox) => {
    const once = filtered(outbox, {
      multicast: (frame) => outbox.multicast(frame),
      send: (to, frame) => {
        // Segments go to everybody at first, and to single processes when they go again.
        if (frame.times.length === 0) outbox.send(to, frame);
      },
    });
    return new GroupProcess(options, once);
  },
};
