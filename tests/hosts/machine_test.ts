import assert from "node:assert/strict";
import { machineId } from "../../src/hosts/machine.ts";

Deno.test("a machine tells the same of itself each time, in 32 hexadecimal digits", async () => {
  const id = await machineId();
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(await machineId(), id);
});
