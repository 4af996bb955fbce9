import assert from "node:assert/strict";
import { CommandError, findCommand, startError } from "../../src/hosts/find_command.ts";

/** Asserts that a command isn't found, with this exit code and reason. */
async function refused(
  command: string,
  path: string,
  exitCode: number,
  reason: RegExp,
): Promise<void> {
  await assert.rejects(findCommand(command, path), (error) => {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, exitCode);
    assert.match(error.message, reason);
    return true;
  });
}

Deno.test({
  name: "a command is the first file in PATH that can be run",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      for (const name of ["a", "b", "c"]) await Deno.mkdir(`${folder}/${name}`);
      await Deno.writeTextFile(`${folder}/a/tool`, "", { mode: 0o644 });
      await Deno.mkdir(`${folder}/b/tool`);
      const path = ["a", "none", "b", "c"].map((name) => `${folder}/${name}`).join(":");
      await refused("tool", path, 126, /a\/tool: it is not executable$/);
      await refused("tool", `${folder}/b`, 126, /it is a folder$/);
      await refused("tool", `${folder}/c`, 127, /^Command not found: tool$/);
      await Deno.writeTextFile(`${folder}/c/tool`, "", { mode: 0o755 });
      assert.equal(await findCommand("tool", path), `${folder}/c/tool`);
      assert.equal(await findCommand(`${folder}/c/tool`, ""), `${folder}/c/tool`);
      await refused("", path, 127, /^Command not found/);
      await refused(`${folder}/c/tool/deeper`, path, 127, /^Command not found/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("what goes wrong at the start is said in one line", () => {
  const reasons: [Error, number, RegExp][] = [
    [new Deno.errors.NotFound("x"), 127, /^Can't run it: .*interpreter/],
    [new Deno.errors.PermissionDenied("x"), 126, /^Can't run it: no permission$/],
    [
      new Error("Failed to spawn '/x': Exec format error (os error 8)"),
      126,
      /^Can't run it: Exec format error$/,
    ],
  ];
  for (const [error, exitCode, message] of reasons) {
    const found = startError("it", error);
    assert.equal(found.exitCode, exitCode);
    assert.match(found.message, message);
  }
});
