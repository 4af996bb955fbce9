import assert from "node:assert/strict";
import { mpcommWords } from "./mpcomm.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);

/** What the scripts end with, where it isn't 0. */
const EXIT_CODES: Readonly<Record<string, number>> = { "03_find_a_mistake": 3 };

/** What stays the same from run to run and from machine to machine: no numbers, no hashes, and not
 * which of the unpromised properties happened to break. */
function masked(output: string): string[] {
  return output.split("\n")
    .filter((line) => !/^\w+: \w+ is violated \(not promised\)/.test(line))
    .map((line) =>
      line
        .replace(/(?<=^trace hash +)[0-9a-f]+/, "#")
        .replace(
          /(?<=^(?:agreement|fifo|causal|total) .*)(?<!\* )\b(?:holds|violated)/g,
          "(whichever)",
        )
        .replace(/\d+ deliveries never came, and /, "")
        .replace(/\d[\d.,]*/g, "#")
        .replace(/ +/g, " ")
    );
}

/** A folder with an `mpcomm` in it that starts the program under test. */
async function makeProgramFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm-examples-" });
  const words = mpcommWords().map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await Deno.writeTextFile(`${folder}/mpcomm`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  // Some run a program beside it.
  await Deno.symlink(Deno.execPath(), `${folder}/deno`);
  return folder;
}

const names = [...Deno.readDirSync(EXAMPLES)].filter((entry) => entry.isDirectory)
  .map(({ name }) => name).sort();

Deno.test("there are examples", () => assert.ok(names.length >= 3));

for (const name of names) {
  Deno.test({
    name: `the example ${name} prints what it says`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const bin = await makeProgramFolder();
      try {
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["run.sh"],
          cwd: new URL(`${name}/`, EXAMPLES),
          env: { PATH: `${bin}:${Deno.env.get("PATH")}` },
        }).output();
        const decoder = new TextDecoder();
        assert.equal(decoder.decode(stderr), "");
        assert.equal(code, EXIT_CODES[name] ?? 0);
        const expected = await Deno.readTextFile(new URL(`${name}/output.txt`, EXAMPLES));
        assert.deepEqual(masked(decoder.decode(stdout)), masked(expected));
      } finally {
        await Deno.remove(bin, { recursive: true });
      }
    },
  });
}
