import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { BUNDLE_FLAGS, PERMISSIONS, selfCommand } from "../../src/hosts/self_command.ts";

Deno.test("the source tree starts its own main.ts with its configuration", () => {
  const root = new URL("../../", import.meta.url);
  const { command, args } = selfCommand(["peer", "--name", "a b"]);
  assert.equal(command, Deno.execPath());
  const main = fileURLToPath(new URL("main.ts", root));
  assert.deepEqual(args.slice(args.indexOf(main)), [main, "peer", "--name", "a b"]);
  assert.equal(args[args.indexOf("--config") + 1], fileURLToPath(new URL("deno.json", root)));
});

Deno.test("a copy from the source tree starts, whatever folder it is started in", async () => {
  const { command, args } = selfCommand(["--version"]);
  const folder = await Deno.makeTempDir();
  try {
    const output = await new Deno.Command(command, { args, cwd: folder, stdin: "null" }).output();
    assert.equal(new TextDecoder().decode(output.stderr), "");
    assert.ok(new TextDecoder().decode(output.stdout).includes(config.version));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the bundle is started as it is, also from a path with spaces", () => {
  const form = {
    standalone: false,
    execPath: "/cache/mpcomm",
    moduleUrl: "file:///my%20cache/mpcomm.js",
  };
  assert.deepEqual(selfCommand(["lab", "--", "x"], form), {
    command: "/cache/mpcomm",
    args: ["run", ...BUNDLE_FLAGS, "/my cache/mpcomm.js", "lab", "--", "x"],
  });
});

Deno.test("a deno compile executable is started with the bare arguments", () => {
  const form = {
    standalone: true,
    execPath: "/usr/bin/mpcomm",
    moduleUrl: "file:///tmp/deno-compile-mpcomm/src/hosts/self_command.ts",
  };
  assert.deepEqual(selfCommand(["lab"], form), { command: "/usr/bin/mpcomm", args: ["lab"] });
});

Deno.test("the tasks of deno.json give the permissions that copies get", () => {
  const tasks: Record<string, { command: string }> = config.tasks;
  for (const name of ["lab", "test:unit", "ok", "compile", "bench"]) {
    const given = tasks[name]!.command.split(" ").filter((word) => word.startsWith("--allow-"));
    assert.deepEqual(given, PERMISSIONS, `the task ${name}`);
  }
});
