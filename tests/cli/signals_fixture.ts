/**
 * A program for the tests of signals. Its argument says what it does: `graceful` waits for a signal
 * and stops, `stubborn` waits for one and doesn't stop, `flood` writes until nobody reads.
 *
 * @module
 */

import { catchSignals } from "../../src/cli/signals.ts";
import { Terminal } from "../../src/cli/terminal.ts";

const [mode] = Deno.args;
const terminal = new Terminal({ command: "fixture" });
const signals = catchSignals({ terminal, onSecond: () => terminal.say("second") });
terminal.say("waiting");
while (mode === "flood" && !signals.stop.aborted) {
  terminal.say("x".repeat(1000));
  await new Promise((resolve) => setImmediate(resolve));
}
const waiting = setInterval(() => {}, 1000); // Signals alone don't keep a program alive.
await signals.untilStopped();
if (mode === "stubborn") {
  terminal.say("stopping");
} else {
  clearInterval(waiting);
  terminal.say(`stopped by ${signals.caught}`);
  Deno.exit(signals.exitCode(0));
}
