import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const FIXTURE = fileURLToPath(new URL("./program_fixture.ts", import.meta.url));

async function end(command: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-env", FIXTURE, command],
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("a command's code is the program's", async () => {
  assert.deepEqual(await end("violated"), { code: 3, stdout: "violated\n", stderr: "" });
});

Deno.test("every error is one line without a stack", async () => {
  const lines: Readonly<Record<string, readonly [code: number, line: string]>> = {
    usage: [2, "mpcomm usage: peers.txt:3: No address"],
    failure: [1, "mpcomm failure: Port 5678 is in use on this machine"],
    nameless: [1, "mpcomm nameless: TypeError"],
    text: [1, "mpcomm text: Not even an error"],
    callback: [1, "mpcomm: Thrown in a callback"],
    rejection: [1, "mpcomm: Rejected where nobody waits"],
  };
  for (const [command, [code, line]] of Object.entries(lines)) {
    assert.deepEqual(await end(command), { code, stdout: "", stderr: `${line}\n` });
  }
});

Deno.test("who debugs sees the stack as well", async () => {
  const { code, stdout, stderr } = await end("callback", { MPCOMM_DEBUG: "1" });
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^mpcomm: Thrown in a callback\nError: Thrown in a callback\n {4}at /);
});
