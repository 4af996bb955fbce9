/**
 * How much memory a lab takes: runs labs and prints the peak of each process as a table.
 *
 * The peak is what the kernel notes as the largest resident set (`VmHWM` in `/proc/PID/status`,
 * Linux only), the pages of the executable included. It is looked at every
 * {@linkcode POLL_MS} ms, and it never falls: only what a process takes in the last moment before
 * its end can be missed.
 *
 * `deno run -A bench/memory.ts [OPTION OF LAB...]`; without options, one lab for each order, with
 * and without logs.
 *
 * @module
 */

import { selfCommand } from "../src/hosts/self_command.ts";
import { ORDERS } from "../src/protocols/process.ts";

const POLL_MS = 100;

/** No emulated link: loopback as it is. */
const LOOPBACK = "--topology lan --link delay=0ms,jitter=0ms";

/** A million messages in all, and a million from each of three processes. */
const MESSAGES = { plain: 333_334, hard: 1_000_000 };

/** What a process of a lab is, and the most memory that it had. */
interface Peak {
  readonly role: string;
  readonly kib: number;
}

/** The roles whose memory is told, in the order of the columns. */
const ROLES = ["peer", "compare", "manager", "lab"] as const;

write("| lab | exit code | s | " + ROLES.map((role) => `${role} MiB`).join(" | ") + " |");
write("| --- | --- | --- |" + " --- |".repeat(ROLES.length));
if (Deno.args.length > 0) await report(Deno.args);
else for (const options of cases()) await report(options.split(" "));

function* cases(): Generator<string> {
  for (const log of ["none", "full"]) {
    for (const messages of Object.values(MESSAGES)) {
      for (const payload of [64, 1000]) {
        for (const order of ORDERS) {
          yield `--log ${log} --order ${order} --messages ${messages} --payload ${payload} ` +
            `--peers 3 --interval 0ms --timeout 30m ${LOOPBACK}`;
        }
      }
    }
  }
  yield `--log none --order lamport --messages ${MESSAGES.plain} --payload 64 --peers 3 ` +
    "--interval 0ms --timeout 30m --topology lan";
}

/** Runs one lab and prints its line. */
async function report(options: readonly string[]): Promise<void> {
  const begin = performance.now();
  const { code, peaks, complaints } = await runLab(options);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const columns = ROLES.map((role) => {
    const kib = Math.max(0, ...peaks.filter((peak) => peak.role === role).map(({ kib }) => kib));
    return (kib / 1024).toFixed(0);
  });
  write(`| ${options.join(" ")} | ${code} | ${seconds} | ${columns.join(" | ")} |`);
  if (code !== 0) write(complaints.trimEnd());
}

async function runLab(options: readonly string[]) {
  const { command, args } = selfCommand(["lab", "--json", "--quiet", ...options]);
  const child = new Deno.Command(command, { args, stdout: "null", stderr: "piped" }).spawn();
  const complaints = new Response(child.stderr).text();
  const peaks = new Map<number, Peak>();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  while (!ended) {
    for (const [pid, peak] of await look(child.pid)) peaks.set(pid, peak);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const { code } = await status;
  return { code, peaks: [...peaks.values()], complaints: await complaints };
}

/** What the processes of a lab have had at most so far. */
async function look(lab: number): Promise<Map<number, Peak>> {
  // What /proc holds of other processes is closed to Deno programs.
  const script = 'ps -ww -o pid=,args= -p "$0" --ppid "$0" | while read -r pid args; do ' +
    'echo "$pid $(sed -n "s/^VmHWM:[^0-9]*//p" /proc/$pid/status 2>/dev/null) $args"; done';
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script, String(lab)],
    stderr: "null",
  }).output();
  const found = new Map<number, Peak>();
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const match = /^(\d+) (\d+) kB .*?(?:main\.ts|mpcomm\S*) (\w+) /.exec(`${line} `);
    if (match !== null) found.set(Number(match[1]), { role: match[3]!, kib: Number(match[2]) });
  }
  return found;
}

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
