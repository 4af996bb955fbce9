import assert from "node:assert/strict";
import { Archive, archiveBytes } from "./archive.ts";

/** A program that prints its arguments, one in brackets a line. */
const ECHO = `printf '[%s]\\n' "$@"\n`;

const WHOLE = ["mpcomm", "mpcomm.js"];

/** Where the first gzip stream begins. */
function lengthOfHead(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte, i) => byte === 0x1f && bytes[i + 1] === 0x8b);
  assert.ok(at > 0);
  return at;
}

Deno.test("a first start unpacks and runs, with the arguments as they were", async () => {
  await using archive = await Archive.make(ECHO);
  const args = ["lab", "two words", "", "--", "--help", "-n", "a\nb", "*", "$HOME", "'\""];
  const result = await archive.run(args);
  assert.deepEqual(result, {
    code: 0,
    stdout: args.map((arg) => `[${arg}]\n`).join(""),
    stderr: "",
  });
  assert.deepEqual(archive.unpacked(), WHOLE);
});

Deno.test("later starts don't unpack: they find what is there without any tool", async () => {
  await using archive = await Archive.make(ECHO);
  assert.equal((await archive.run(["first"])).stdout, "[first]\n");
  const env = { PATH: "/nonexistent" };
  assert.deepEqual(await archive.run(["later"], { env }), {
    code: 0,
    stdout: "[later]\n",
    stderr: "",
  });
});

Deno.test("the program's exit code is the executable's", async () => {
  await using archive = await Archive.make(`exit "$1"\n`);
  for (const code of ["0", "1", "3", "130"]) {
    assert.equal((await archive.run([code])).code, Number(code));
  }
});

Deno.test("the program reads what the executable is given, from the first start on", async () => {
  await using archive = await Archive.make(`cat\n`);
  for (const start of ["first", "later"]) {
    const child = archive.command([], { stdin: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${start}\n`));
    await writer.close();
    const { stdout } = await child.output();
    assert.equal(new TextDecoder().decode(stdout), `${start}\n`);
  }
});

Deno.test("signals reach the program: it is the process that was started", async () => {
  await using archive = await Archive.make(`trap 'exit 7' TERM\necho $$\nread -r line\n`);
  const child = archive.command([], { stdin: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), `${child.pid}\n`);
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 7);
  await reader.cancel();
  await child.stdin.close().catch(() => {}); // The reader may have gone first.
  await child.stderr.cancel();
});

Deno.test("the program's environment is the caller's, the update check switched off", async () => {
  await using archive = await Archive.make(`env\n`);
  // Names that the head uses, exported by the caller.
  const env = { new: "1", attempt: "2", trial: "3", mpcomm: "4" };
  const { stdout } = await archive.run([], { env });
  const expected = { ...Deno.env.toObject(), ...env, DENO_NO_UPDATE_CHECK: "1" };
  const lines = new Set(stdout.split("\n"));
  for (
    const name of ["new", "attempt", "trial", "mpcomm", "PATH", "DENO_NO_UPDATE_CHECK"] as const
  ) {
    assert.ok(lines.has(`${name}=${expected[name as keyof typeof expected]}`), name);
  }
  assert.ok(!/^mpcomm_/m.test(stdout), "the head's variables stay its own");
});

Deno.test("ten first starts at once all run, and leave one copy", async () => {
  for (let repetition = 0; repetition < 3; repetition++) {
    await using archive = await Archive.make(ECHO);
    const starts = Array.from({ length: 10 }, (_, i) => archive.run([String(i)]));
    const results = await Promise.all(starts);
    assert.deepEqual(
      results,
      results.map((_, i) => ({ code: 0, stdout: `[${i}]\n`, stderr: "" })),
    );
    assert.deepEqual(archive.unpacked(), WHOLE);
  }
});

Deno.test("it starts through a link, through PATH, as an argument of sh, and read-only", async () => {
  await using archive = await Archive.make(ECHO);
  const bin = `${archive.folder}/my bin`;
  await Deno.mkdir(bin);
  await Deno.symlink("../mpcomm", `${bin}/link`);
  await Deno.chmod(archive.path, 0o555);
  const forms = [
    [`${bin}/link`, []],
    ["sh", [archive.path]],
    ["sh", ["-c", `PATH="${bin}:$PATH" && link "$@"`, "sh"]],
    ["sh", ["-c", `cd "${archive.folder}" && ./mpcomm "$@"`, "sh"]],
    ["sh", ["-c", `cd "${archive.folder}" && sh mpcomm "$@"`, "sh"]],
  ] as const;
  for (const [file, args] of forms) {
    const result = await archive.run([...args, "a b"], { file });
    assert.deepEqual(result, { code: 0, stdout: "[a b]\n", stderr: "" }, `${file} ${args}`);
    await Deno.remove(archive.cache, { recursive: true });
  }
});

Deno.test("a truncated file says so in one line and leaves nothing", async () => {
  await using archive = await Archive.make(ECHO);
  const bytes = await Deno.readFile(archive.path);
  const headLength = lengthOfHead(bytes);
  for (const length of [headLength, headLength + 20, bytes.length >> 1, bytes.length - 1]) {
    await Deno.writeFile(archive.path, bytes.subarray(0, length));
    assert.deepEqual(await archive.run(["x"]), {
      code: 1,
      stdout: "",
      stderr: `mpcomm: ${archive.path} is truncated, copy it again\n`,
    });
    assert.deepEqual(archive.unpacked(), []);
  }
  for (const length of [20, headLength >> 1, headLength - 2]) {
    await Deno.writeFile(archive.path, bytes.subarray(0, length));
    const { code, stdout, stderr } = await archive.run(["x"]);
    assert.ok(code !== 0 && stdout === "" && stderr !== "", `cut in the head at ${length}`);
    assert.deepEqual(archive.unpacked(), []);
  }
});

Deno.test("a damaged file says so in one line and leaves no part that isn't whole", async () => {
  await using archive = await Archive.make(ECHO);
  const bytes = await Deno.readFile(archive.path);
  const headLength = lengthOfHead(bytes);
  const places = [headLength, headLength + 15, headLength + 60, bytes.length >> 1];
  for (const place of [...places, bytes.length - 10, bytes.length - 1]) {
    const damaged = bytes.slice();
    damaged[place]! ^= 0x55;
    await Deno.writeFile(archive.path, damaged);
    assert.deepEqual(await archive.run(["x"]), {
      code: 1,
      stdout: "",
      stderr: `mpcomm: ${archive.path} is damaged, copy it again\n`,
    }, `byte ${place}`);
    assert.ok(!archive.unpacked().includes("mpcomm"), `byte ${place}`);
    assert.ok(archive.unpacked().every((name) => WHOLE.includes(name)), `byte ${place}`);
  }
  await Deno.writeFile(archive.path, bytes);
  assert.equal((await archive.run(["whole"])).stdout, "[whole]\n");
});

Deno.test("a disk without room is named in one line, and the next start begins anew", async () => {
  await using archive = await Archive.make(ECHO);
  // Writing beyond the limit fails as it does on a full disk, and any user can set it.
  const args = ["-c", `ulimit -f 100 && exec "$0"`, archive.path];
  const { code, stdout, stderr } = await archive.run(args, { file: "sh" });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^mpcomm: cannot unpack into [^\n]*the cache\/mpcomm: [^\n]+\n$/);
  assert.deepEqual(archive.unpacked(), ["mpcomm.js"]);
  assert.equal((await archive.run(["later"])).stdout, "[later]\n");
  assert.deepEqual(archive.unpacked(), WHOLE);
});

Deno.test("what a killed start or a crash of the machine left is not trusted", async () => {
  await using archive = await Archive.make(ECHO);
  await archive.run();
  const paths: string[] = [];
  for (const hash of Deno.readDirSync(`${archive.cache}/mpcomm`)) {
    for (const { name } of Deno.readDirSync(`${archive.cache}/mpcomm/${hash.name}`)) {
      paths.push(`${archive.cache}/mpcomm/${hash.name}/${name}`);
    }
  }
  assert.equal(paths.length, 2);
  for (const path of paths) {
    const whole = await Deno.readFile(path);
    for (const left of ["", "half"]) {
      await Deno.remove(path);
      // A crash can leave a name without content; a killed start only ever leaves a name of its own.
      await Deno.writeTextFile(left === "" ? path : `${path}.new.1.0`, left, { mode: 0o700 });
      assert.deepEqual(await archive.run(["x"]), { code: 0, stdout: "[x]\n", stderr: "" });
      assert.deepEqual(await Deno.readFile(path), whole);
    }
    await Deno.remove(`${path}.new.1.0`);
  }
});

Deno.test("without a home it unpacks where only this user can, and trusts nothing else", async () => {
  await using archive = await Archive.make(ECHO);
  const { stdout } = await new Deno.Command("id", { args: ["-u"] }).output();
  const folder = `${archive.folder}/mpcomm-${new TextDecoder().decode(stdout).trim()}`;
  const file = `${archive.folder}/file`;
  await Deno.writeTextFile(file, "");
  // No home at all, relative ones, and one that can't be written to.
  for (
    const env of [
      { XDG_CACHE_HOME: "", HOME: "" },
      { XDG_CACHE_HOME: "relative", HOME: "relative" },
      { XDG_CACHE_HOME: file, HOME: file },
    ]
  ) {
    for (const start of ["first", "later"]) {
      const result = await archive.run([start], { env, cwd: archive.folder });
      assert.deepEqual(result, { code: 0, stdout: `[${start}]\n`, stderr: "" });
    }
    assert.deepEqual(archive.unpacked(folder), WHOLE);
    assert.equal((await Deno.stat(folder)).mode! & 0o777, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
  const env = { XDG_CACHE_HOME: "", HOME: "" };
  const refused = {
    code: 1,
    stdout: "",
    stderr: `mpcomm: cannot make ${folder} for this user alone\n`,
  };
  await Deno.mkdir(folder);
  await Deno.chmod(folder, 0o777);
  assert.deepEqual(await archive.run([], { env }), refused, "open to everybody");
  await Deno.chmod(folder, 0o700);
  await Deno.rename(folder, `${folder}-elsewhere`);
  await Deno.symlink(`${folder}-elsewhere`, folder);
  assert.deepEqual(await archive.run([], { env }), refused, "a link");
});

Deno.test("XDG_CACHE_HOME comes before HOME", async () => {
  await using archive = await Archive.make(ECHO);
  const home = `${archive.folder}/home`;
  await archive.run([], { env: { HOME: home } });
  assert.deepEqual(archive.unpacked(`${home}/.cache/mpcomm`), []);
  await archive.run([], { env: { HOME: home, XDG_CACHE_HOME: "" } });
  assert.deepEqual(archive.unpacked(`${home}/.cache/mpcomm`), WHOLE);
});

Deno.test("a file for another system says so", async () => {
  await using archive = await Archive.make(ECHO);
  await Deno.writeFile(archive.path, await archiveBytes(ECHO, "Plan9 vax"));
  const { code, stderr } = await archive.run();
  assert.equal(code, 1);
  assert.match(stderr, /^mpcomm: .* is made for Plan9 vax, this is .*\n$/);
  assert.deepEqual(archive.unpacked(), []);
});

Deno.test("two versions share the runtime", async () => {
  await using archive = await Archive.make(ECHO);
  await archive.run();
  await Deno.writeFile(archive.path, await archiveBytes("echo second"));
  assert.equal((await archive.run()).stdout, "second\n");
  assert.deepEqual(archive.unpacked(), ["mpcomm", "mpcomm.js", "mpcomm.js"]);
});

Deno.test("the same input gives the same bytes, another program others", async () => {
  assert.deepEqual(await archiveBytes(ECHO), await archiveBytes(ECHO));
  assert.notDeepEqual(await archiveBytes(ECHO), await archiveBytes(`${ECHO}#`));
});

Deno.test("words that the shell would read as syntax are refused", async () => {
  await assert.rejects(archiveBytes(ECHO, "Linux $(id)"), {
    name: "TypeError",
    message: 'Not a plain word for the shell head: "$(id)"',
  });
});
