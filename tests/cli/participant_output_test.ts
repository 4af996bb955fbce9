import assert from "node:assert/strict";
import { ParticipantOutput } from "../../src/cli/participant_output.ts";
import { Terminal } from "../../src/cli/terminal.ts";
import { FakeStreams } from "./fake_streams.ts";

Deno.test("that the coordinator is back is said once, and only after it was gone", () => {
  const streams = new FakeStreams();
  const output = new ParticipantOutput(new Terminal({ command: "mpcomm", streams }), "a");
  output.report({ type: "connected" });
  output.report({ type: "unconnected", reason: "reset" });
  output.report({ type: "connected" });
  output.report({ type: "connected" });
  const gone = "The coordinator is gone; it connects again when it is back";
  assert.equal(streams.err, `${gone}\nThe coordinator is back\n`);
});
