import assert from "node:assert/strict";
import { PERMISSIONS } from "../../src/hosts/self_command.ts";

const ROOT = new URL("../../", import.meta.url);

/** What the gate itself consists of. */
const GATE = [
  "deno.json",
  "scripts/gate.ts",
  "scripts/junit.ts",
  "src/hosts/self_command.ts",
];

/** One test that passes and one that fails. */
const TESTS = [
  `Deno.test("passes", () => {});`,
  `Deno.test("fails", () => {`,
  `  throw new Error("it does");`,
  "});",
  "",
].join("\n");

/** A project in which every step of the gate fails; three tests and one example pass. */
const PROJECT: Record<string, string> = {
  // Badly formatted, and an example whose types are wrong.
  "src/a.ts": [
    "/** ```ts",
    ` * import { a } from "./a.ts";`,
    " * const text: string = a;",
    ` * if (text as unknown !== 2) throw new Error("a wrong example");`,
    " * ```",
    " */",
    "export const a   = 1;",
  ].join("\n"),
  // Breaks a lint rule.
  "src/b.ts": "export const b: any = 1;\n",
  "README.md": "```ts\nconst fine = 1;\nif (fine !== 1) throw new Error();\n```\n",
  "tests/a_test.ts": TESTS,
  "tests/cli/b_test.ts": TESTS,
  "tests/scripts/c_test.ts": TESTS,
  // There is no scripts/compile.ts: the executable fails.
};

Deno.test("the gate fails for each thing that is wrong, goes on, and counts at the end", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm gate " });
  try {
    for (const path of GATE) {
      const text = await Deno.readTextFile(new URL(path, ROOT));
      await write(`${folder}/${path}`, text);
    }
    for (const [path, text] of Object.entries(PROJECT)) await write(`${folder}/${path}`, text);
    const args = ["run", "--quiet", "--no-lock", ...PERMISSIONS, "scripts/gate.ts"];
    const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, stdin: "null" });
    const { code, stdout } = await command.output();
    const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const named = lines.filter((line) => line.startsWith("Failed: "));
    // An example has its whole address as its name.
    assert.deepEqual(named.map((line) => line.replace(/: file:.*/, "")), [
      "Failed: Formatting",
      "Failed: Lint",
      "Failed: Types, those of the documentation's examples too",
      "Failed: The executable",
      // The processes' part first, whatever ended first.
      "Failed: ./tests/cli/b_test.ts: fails",
      "Failed: ./tests/a_test.ts: fails",
      "Failed: ./tests/scripts/c_test.ts: fails",
      "Failed: ./src/a.ts#1-6.ts",
    ]);
    assert.equal(
      lines.at(-3),
      "Uncaught Error: a wrong example",
      "what is wrong stands at the end",
    );
    // Passed: three tests, one example. Failed: four steps, three tests, one example.
    assert.equal(lines.at(-1), "4 passed, 8 failed");
    for (const place of ["tests/a_test.ts", "tests/cli/b_test.ts", "tests/scripts/c_test.ts"]) {
      assert.ok(lines.some((line) => line.includes(place)), `what ${place} prints is to be seen`);
    }
    assert.equal(
      lines.at(-3),
      "Uncaught Error: a wrong example",
      "what is wrong stands at the end",
    );
    assert.equal(code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}
