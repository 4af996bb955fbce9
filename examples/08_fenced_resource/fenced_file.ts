/**
 * A file that takes text only from who has the lock: from nobody whose fencing number is lower than
 * one that was here before.
 *
 *     MPCOMM_FENCE=7 deno run -R -W --allow-env=MPCOMM_FENCE fenced_file.ts FILE TEXT
 *
 * Exit codes: 0 it is written; 1 it is refused; 2 the use is wrong.
 *
 * @module
 */

const [path, text] = Deno.args;
const fence = Number(Deno.env.get("MPCOMM_FENCE"));
if (path === undefined || text === undefined || !(Number.isSafeInteger(fence) && fence > 0)) {
  complain("usage: MPCOMM_FENCE=NUMBER fenced_file.ts FILE TEXT");
  Deno.exit(2);
}

// One process at a time looks and writes; the end of a process, however it comes, lets the next in.
using record = await Deno.open(`${path}.fence`, { read: true, write: true, create: true });
await record.lock(true);
const last = Number(await Deno.readTextFile(`${path}.fence`)); // Nothing yet is 0.
if (!(fence >= last)) {
  complain(`refused: fence ${fence}, after ${last} was here`);
  Deno.exit(1);
}

// The number first: a crash in between leaves the old text, and lower numbers are refused already.
await record.write(new TextEncoder().encode(String(fence).padStart(16, "0")));
await record.sync();
const draft = `${path}.draft`;
await Deno.writeTextFile(draft, `${text}\n`);
using file = await Deno.open(draft);
await file.sync();
await Deno.rename(draft, path);

function complain(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
