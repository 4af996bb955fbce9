import assert from "node:assert/strict";
import { commandEnvironment } from "../../src/hosts/guard_environment.ts";

Deno.test("a command gets what its user has set, and the fencing number", () => {
  assert.deepEqual(commandEnvironment({ HOME: "/h", DENO_DIR: "/d" }, 7), {
    HOME: "/h",
    DENO_DIR: "/d",
    MPCOMM_FENCE: "7",
  });
});

Deno.test("and not what the executable has set for itself", () => {
  const own = { HOME: "/h", DENO_DIR: "/d", X: "1", MPCOMM_OWN_VARIABLES: "DENO_DIR X" };
  assert.deepEqual(commandEnvironment(own, 7), { HOME: "/h", MPCOMM_FENCE: "7" });
});
