import assert from "node:assert/strict";
import { resolveHost } from "../../src/hosts/resolve.ts";

Deno.test("an IP literal is its own address", async () => {
  for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::", "2001:db8::1"]) {
    assert.equal(await resolveHost(host), host);
  }
  assert.equal(await resolveHost("127.0.0.1", { family: 4 }), "127.0.0.1");
  assert.equal(await resolveHost("::1", { family: 6 }), "::1");
});

Deno.test("a literal of the other family is refused", async () => {
  await assert.rejects(resolveHost("::1", { family: 4 }), /^Error: ::1 is not an IPv4 address$/);
  await assert.rejects(
    resolveHost("127.0.0.1", { family: 6 }),
    /^Error: 127.0.0.1 is not an IPv6 address$/,
  );
});

Deno.test("localhost is known without a name server", async () => {
  assert.equal(await resolveHost("localhost"), "127.0.0.1");
  assert.equal(await resolveHost("localhost", { family: 4 }), "127.0.0.1");
});

Deno.test("a host without an address is named", async () => {
  for (const host of ["nobody.invalid", "bad host", "", "x".repeat(300), "a..b"]) {
    await assert.rejects(
      resolveHost(host),
      (error: Error) => error.message === `Unknown host ${host}`,
      host,
    );
  }
});

Deno.test("a name server that doesn't answer isn't waited for beyond the time limit", async () => {
  // No time at all: whatever the machine's resolver does, it can't be that fast.
  await assert.rejects(
    resolveHost("nobody.invalid", { timeoutMs: 0 }),
    /^Error: (No name server knows nobody.invalid \(0 ms passed\)|Unknown host nobody.invalid)$/,
  );
});
