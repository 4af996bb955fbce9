/**
 * Measures JGroups: SEQUENCER over NAKACK, one virtual machine a member.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import {
  combine,
  type Contender,
  type Measurement,
  missing,
  type Outcome,
  runTool,
} from "./measurement.ts";
import { type JGroupsStack, stackXml } from "./jgroups/stack.ts";

const JAR = "/usr/share/java/jgroups.jar";

/** What must be there, and how to get it. */
export const INSTALL = "apt-get install libjgroups-java default-jdk-headless";

const SETUPS: readonly (JGroupsStack & { readonly name: string })[] = [
  { name: "UDP, as it ships", bundling: true },
  { name: "UDP, enable_bundling=false", bundling: false },
];

/** Bundling as it ships holds a message back for 30 ms: so many are enough to see that. */
const BUNDLED_MESSAGES_MAX = 100;

/** What is missing for a measurement. */
export async function missingForJgroups(): Promise<string[]> {
  return await missing(["java", "javac"], [JAR]);
}

/** Builds the driver in a folder. */
export async function jgroups(folder: string): Promise<Contender[]> {
  const source = fileURLToPath(new URL("jgroups/SequencerBench.java", import.meta.url));
  // Else it warns of each receive buffer that the system makes smaller.
  await Deno.writeTextFile(`${folder}/logging.properties`, ".level=SEVERE\n");
  await runTool("javac", ["-nowarn", "-cp", JAR, "-d", folder, source]);
  return SETUPS.map((setup) => ({
    system: "JGroups",
    setup: setup.name,
    measure: async (measurements) => {
      const results: Outcome[] = [];
      for (const m of measurements) results.push(await measure(folder, setup, m));
      return results;
    },
  }));
}

async function measure(
  folder: string,
  stack: JGroupsStack,
  measurement: Measurement,
): Promise<Outcome> {
  // Unbundled it has a lower rate, and bundled it waits 30 ms for every message.
  if (!stack.bundling && measurement.of === "rate") return "skipped";
  if (stack.bundling && measurement.lossRate > 0) return "skipped";
  // Who misses its own message, the last one, hears of that with the next gossip of STABLE, 50 s later
  // on the average. Others' messages would show the gap.
  if (measurement.lossRate > 0 && measurement.senders === 1) return "skipped";
  const m = stack.bundling && measurement.of === "latency"
    ? { ...measurement, messages: Math.min(measurement.messages, BUNDLED_MESSAGES_MAX) }
    : measurement;
  const config = `${folder}/stack.xml`;
  await Deno.writeTextFile(config, stackXml({ ...stack, lossRate: m.lossRate }));
  const members: Member[] = [];
  try {
    // Two that start at once would found a cluster each.
    for (let i = 1; i <= m.members; i++) {
      members.push(new Member(folder, config, i, m));
      if (i === 1) await members[0]!.line();
    }
    await Promise.all(members.slice(1).map((member) => member.line()));
    const lines = await Promise.all(members.map((member) => member.line()));
    return combine(lines.filter((line) => line !== ""), m);
  } finally {
    await Promise.all(members.map((member) => member.end()));
  }
}

/** One member's process. */
class Member {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(folder: string, config: string, number: number, m: Measurement) {
    const numbers = [number, m.members, m.senders, m.messages, m.payloadBytes, m.outstanding];
    this.#process = new Deno.Command("java", {
      args: [
        ...["-Xms256m", "-Xmx512m", "-Djava.net.preferIPv4Stack=true"],
        ...[
          `-Djava.util.logging.config.file=${folder}/logging.properties`,
          "-cp",
          `${folder}:${JAR}`,
        ],
        ...["SequencerBench", config, ...numbers.map(String)],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line that it prints, or nothing if it has ended. */
  async line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) return "";
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }

  /** It ends with its input. */
  async end(): Promise<void> {
    await this.#process.stdin.close().catch(() => {/* It has ended before. */});
    await this.#lines.cancel();
    await this.#process.status;
  }
}
