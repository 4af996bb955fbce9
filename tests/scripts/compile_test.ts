/**
 * `scripts/compile.ts` with a small program of its own, and the real Deno.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bundle } from "../../scripts/bundle.ts";
import { denoCompile } from "../../scripts/deno_compile.ts";
import { PERMISSIONS } from "../../src/hosts/self_command.ts";
import { VERSION } from "../../src/cli/version.ts";

const ROOT = new URL("../../", import.meta.url);

/** A program that imports what mpcomm does: a package, a module of Deno, JSON. */
const PROGRAM = `
import { message } from "@optique/core";
import { DatabaseSync } from "node:sqlite";
import { selfCommand } from "${new URL("src/hosts/self_command.ts", ROOT)}";
import { VERSION } from "${new URL("src/cli/version.ts", ROOT)}";
const [verb, ...rest] = Deno.args;
if (verb === "say") {
  const packages = typeof message === "function" && typeof DatabaseSync === "function";
  console.log(JSON.stringify({ rest, VERSION, packages }));
} else if (verb === "again") {
  const { command, args } = selfCommand(["say", ...rest]);
  const { code } = await new Deno.Command(command, { args, cwd: "/" }).spawn().status;
  Deno.exit(code);
} else if (verb === "wait") {
  Deno.addSignalListener("SIGTERM", () => Deno.exit(143));
  console.log("ready");
  await Deno.stdin.read(new Uint8Array(1)); // A listener alone keeps no program running.
} else if (verb === "permissions") {
  const names = ["net", "read", "write", "run", "env", "sys", "ffi", "import"] as const;
  console.log(names.filter((name) => Deno.permissions.querySync({ name }).state === "granted").join());
} else {
  Deno.exit(Number(verb));
}
`;

async function compile(args: string[]) {
  const script = fileURLToPath(new URL("scripts/compile.ts", ROOT));
  const config = fileURLToPath(new URL("deno.json", ROOT));
  const flags = ["run", "--quiet", "--no-check", "--no-prompt", "--config", config, ...PERMISSIONS];
  return await run(Deno.execPath(), [...flags, script, ...args]);
}

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const output = await new Deno.Command(command, { args, env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  const { code } = output;
  return { code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

/** A folder with the program in it, removed in the end. */
async function programFolder() {
  const folder = await Deno.makeTempDir({ prefix: "mpcomm compile " });
  const entry = `${folder}/program.ts`;
  await Deno.writeTextFile(entry, PROGRAM);
  return {
    folder,
    entry,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("a self-extracting executable runs, and starts itself again", async (t) => {
  await using place = await programFolder();
  const out = `${place.folder}/my dist/program`;
  const env = { XDG_CACHE_HOME: `${place.folder}/the cache` };

  await t.step("it says its kind and size, and leaves nothing beside it", async () => {
    const made = await compile(["--kind", "self-extracting", "--entry", place.entry, "--out", out]);
    assert.equal(made.stderr, "");
    assert.match(made.stdout, /program: self-extracting, as asked for, \d+\.\d MB\n$/);
    assert.deepEqual(Array.from(Deno.readDirSync(`${place.folder}/my dist`), (e) => e.name), [
      "program",
    ]);
  });

  await t.step("it names no folder of the machine that made it", async () => {
    const bundled = `${place.folder}/bundle.js`;
    await bundle(place.entry, bundled);
    const text = await Deno.readTextFile(bundled);
    assert.ok(text.includes("npm:@optique/core"), "the package is in the bundle");
    assert.ok(!/\.cache|registry\.\w+\.org/.test(text));
  });

  const said = (rest: string[]) => `${JSON.stringify({ rest, VERSION, packages: true })}\n`;
  await t.step("its packages, arguments and version are the program's", async () => {
    const args = ["a b", "", "--", "--help"];
    assert.deepEqual(await run(out, ["say", ...args], env), {
      code: 0,
      stdout: said(args),
      stderr: "",
    });
  });

  await t.step("it starts a copy of itself", async () => {
    assert.deepEqual(await run(out, ["again", "x y"], env), {
      code: 0,
      stdout: said(["x y"]),
      stderr: "",
    });
  });

  await t.step("it may do what mpcomm may, and nothing else", async () => {
    const { stdout } = await run(out, ["permissions"], env);
    assert.equal(stdout, "net,read,write,run,env,sys\n");
  });

  await t.step("exit codes and signals pass", async () => {
    assert.equal((await run(out, ["3"], env)).code, 3);
    const pipes = { stdin: "piped", stdout: "piped" } as const;
    const child = new Deno.Command(out, { args: ["wait"], env, ...pipes }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 143);
    await reader.cancel();
    await child.stdin.close().catch(() => {}); // The reader may have gone first.
  });

  await t.step("made again, it is the same", async () => {
    const first = await Deno.readFile(out);
    await compile(["--kind", "self-extracting", "--entry", place.entry, "--out", out]);
    assert.ok(equal(first, await Deno.readFile(out)));
  });
});

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

Deno.test("with a runtime archive at hand, deno compile makes the executable", async () => {
  await using place = await programFolder();
  const program = `${place.folder}/bundle.js`;
  const product = `${place.folder}/product`;
  await bundle(place.entry, program);
  // Any executable serves as the runtime as long as the product isn't started.
  const env = { DENORT_BIN: Deno.execPath() };
  assert.equal(await denoCompile(program, product, 60_000, env), null);
  assert.ok((await Deno.stat(product)).size > (await Deno.stat(Deno.execPath())).size);
});

Deno.test("without a runtime archive, deno compile's reason is told in a line", async () => {
  await using place = await programFolder();
  const program = `${place.folder}/bundle.js`;
  await bundle(place.entry, program);
  const product = `${place.folder}/product`;
  const env = { DENORT_BIN: "/no/such/denort" };
  const obstacle = await denoCompile(program, product, 60_000, env);
  assert.match(obstacle ?? "", /^Could not find denort at '\/no\/such\/denort': .*$/);
});

Deno.test("a network that never answers does not hold up deno compile", async () => {
  await using place = await programFolder();
  const program = `${place.folder}/bundle.js`;
  await Deno.writeTextFile(program, "");
  // A proxy that takes the connection, and then says nothing.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const proxy = `http://127.0.0.1:${port}`;
  const env = {
    DENO_DIR: `${place.folder}/deno`,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: "",
  };
  const obstacle = await denoCompile(program, `${place.folder}/product`, 2_000, env);
  assert.equal(obstacle, "not done after 2 s");
});

Deno.test("what cannot be made is told in a line that names it", async (t) => {
  await using place = await programFolder();
  const cases: [args: string[], code: number, named: RegExp][] = [
    [["--kind", "tarball"], 2, /--kind must be one of auto, compiled, self-extracting/],
    [["--wait-seconds", "soon"], 2, /--wait-seconds must be a positive number/],
    [["--nope"], 2, /--nope/],
    [["--entry", `${place.folder}/nothing.ts`], 1, /nothing\.ts: No such file/],
    [["--entry", `${place.folder}/lost.ts`], 1, /lost\.ts: Module not found .*elsewhere\.ts/],
    [["--entry", `${place.folder}/broken.ts`], 1, /broken\.ts: /],
  ];
  await Deno.writeTextFile(`${place.folder}/lost.ts`, `import "./elsewhere.ts";`);
  await Deno.writeTextFile(`${place.folder}/broken.ts`, `const = 1;`);
  for (const [args, code, named] of cases) {
    await t.step(args.join(" "), async () => {
      const result = await compile(["--out", `${place.folder}/out/program`, ...args]);
      assert.equal(result.code, code);
      assert.match(result.stderr, /^compile: [^\n]+\n$/);
      assert.match(result.stderr, named);
      assert.equal(result.stdout, "");
    });
  }
  assert.deepEqual([...Deno.readDirSync(`${place.folder}/out`)], []);
});
