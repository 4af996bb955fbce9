/**
 * The resource of the example that checks fencing numbers. What happens without it, to a real holder
 * that is stopped beyond its lease, is in the example's own output.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(
  new URL("../../examples/08_fenced_resource/fenced_file.ts", import.meta.url),
);

/** A file that nobody has written yet. */
async function makeFile(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-fenced-" });
  return {
    path: `${folder}/text`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Runs the script, as a command under the lock would. */
async function write(fence: string, ...args: string[]): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-config"],
      ...["--allow-read", "--allow-write", "--allow-env=MPCOMM_FENCE", SCRIPT, ...args],
    ],
    env: { MPCOMM_FENCE: fence },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the fenced file takes text from the holder, again and again, and from later ones", async () => {
  await using file = await makeFile();
  for (const [fence, text] of [["5", "first"], ["5", "second"], ["1000000002", "third"]] as const) {
    assert.deepEqual(await write(fence, file.path, text), { code: 0, stderr: "" });
    assert.equal(await Deno.readTextFile(file.path), `${text}\n`);
  }
});

Deno.test("the fenced file refuses a holder before the last one, and stays as it is", async () => {
  await using file = await makeFile();
  await write("1000000002", file.path, "new");
  const { code, stderr } = await write("1000000001", file.path, "old");
  assert.equal(code, 1);
  assert.equal(stderr, "refused: fence 1000000001, after 1000000002 was here\n");
  assert.equal(await Deno.readTextFile(file.path), "new\n");
  assert.equal((await write("1000000002", file.path, "newer")).code, 0);
});

Deno.test("of writers that come at once, in any order, the last holder's text stays", async () => {
  await using file = await makeFile();
  const fences = [6, 2, 8, 4, 1, 7, 3, 5];
  const outcomes = await Promise.all(
    fences.map((fence) => write(`${fence}`, file.path, `text ${fence}`)),
  );
  assert.equal(await Deno.readTextFile(file.path), "text 8\n");
  assert.equal(outcomes[fences.indexOf(8)]!.code, 0);
  for (const { code, stderr } of outcomes) assert.equal(code, stderr === "" ? 0 : 1);
});

Deno.test("the fenced file refuses everybody if what it knows of the last holder is damaged", async () => {
  await using file = await makeFile();
  await Deno.writeTextFile(`${file.path}.fence`, "not a number");
  assert.equal((await write("9", file.path, "text")).code, 1);
});

Deno.test("without a fencing number, or with none that is one, nothing is written", async () => {
  await using file = await makeFile();
  for (const fence of ["", "0", "-1", "1.5", "x", "1e400"]) {
    const { code, stderr } = await write(fence, file.path, "text");
    assert.equal(code, 2, fence);
    assert.match(stderr, /^usage: .*\n$/);
  }
  assert.equal((await write("1", file.path)).code, 2);
  await assert.rejects(Deno.stat(file.path), Deno.errors.NotFound);
});
