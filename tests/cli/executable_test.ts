import assert from "node:assert/strict";
import { VERSION } from "../../src/cli/version.ts";
import { mpcomm } from "./mpcomm.ts";

Deno.test("the executable tells the version that deno.json declares", async () => {
  const { code, stdout, stderr } = await mpcomm(["--version"]);
  assert.equal(stderr, "");
  assert.equal(stdout, `mpcomm ${VERSION}\n`);
  assert.equal(code, 0);
});

Deno.test("a path without an executable is named, and what to do about it", async () => {
  const before = Deno.env.get("MPCOMM");
  Deno.env.set("MPCOMM", "/no/such/mpcomm");
  try {
    await assert.rejects(async () => await mpcomm([]), {
      message: /^\/no\/such\/mpcomm .*deno task compile/,
    });
  } finally {
    if (before === undefined) Deno.env.delete("MPCOMM");
    else Deno.env.set("MPCOMM", before);
  }
});
