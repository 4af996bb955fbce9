import assert from "node:assert/strict";
import { COMMANDS } from "../../main.ts";
import { parseOptions } from "../../src/cli/parse_options.ts";
import config from "../../deno.json" with { type: "json" };

const FILES = [
  "README.md",
  "docs/topologies.md",
  "docs/PROTOCOL.md",
  "docs/logs.md",
  "docs/persistent.md",
  "docs/tokenring.md",
  "docs/gossip.md",
  "ARCHITECTURE.md",
];
const ROOT = new URL("../../", import.meta.url);

/** The lines of the shell blocks of a page. */
function shellLines(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block]) =>
    block!.split("\n").map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) =>
      line !== ""
    )
  );
}

/** The command that begins a line, and the words after it. */
function findCommand(words: readonly string[]): { name: string; args: readonly string[] } | null {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    if (Object.hasOwn(COMMANDS, name)) return { name, args: words.slice(length) };
  }
  return null;
}

for (const file of FILES) {
  Deno.test(`every command line in ${file} can be typed as it stands`, async () => {
    const lines = shellLines(await Deno.readTextFile(new URL(file, ROOT)));
    if (file === "README.md") assert.ok(lines.length >= 10, `only ${lines.length} lines found`);
    for (const line of lines) {
      const [program, ...words] = line.split(/\s+/);
      if (program === "npx") {
        assert.match(line, /^npx -y deno@2\.9\.6 task \w+/);
        assert.ok(Object.hasOwn(config.tasks, words[3]!), `${line}: no such task`);
        continue;
      }
      assert.equal(program, "mpcomm", line);
      const found = findCommand(words);
      assert.ok(found !== null, `${line}: no such command`);
      parseOptions(await COMMANDS[found.name]!.load(), found.args);
    }
  });
}

Deno.test("every page that the README links to is there", async () => {
  const text = await Deno.readTextFile(new URL("README.md", ROOT));
  const links = [...text.matchAll(/\]\((?!http)([^)#]+)/g)].map(([, link]) => link!);
  assert.ok(links.length >= 5);
  for (const link of links) await Deno.stat(new URL(link, ROOT));
});
