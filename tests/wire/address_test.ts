import assert from "node:assert/strict";
import { formatAddress, isUnspecified, readAddress, unmapHost } from "../../src/wire/address.ts";

Deno.test("an address is written as HOST:PORT, IPv6 in brackets", () => {
  assert.equal(formatAddress({ host: "localhost", port: 5 }), "localhost:5");
  assert.equal(formatAddress({ host: "10.0.0.1", port: 5 }), "10.0.0.1:5");
  assert.equal(formatAddress({ host: "::1", port: 5 }), "[::1]:5");
});

Deno.test("an address that is written can be read", () => {
  for (const host of ["localhost", "10.0.0.1", "a.b-c_d.example", "::1", "2001:db8::7"]) {
    for (const port of [1, 80, 65_535]) {
      assert.deepEqual(readAddress(formatAddress({ host, port })), { host, port });
    }
  }
});

Deno.test("what nobody can send to is no address", () => {
  const texts = ["", "h", "h:", ":1", "h:0", "h:65536", "h:99999", "h:01", "h:1 ", " h:1", "h:1\n"];
  const more = ["::1:1", "[::1]", "[::1]:0", "[h]:1", "[]:1", "h/x:1", "h:1:1", "ä:1", "h%25x:1"];
  for (const text of [...texts, ...more, `${"h".repeat(254)}:1`]) {
    assert.equal(readAddress(text), null, JSON.stringify(text));
  }
});

Deno.test("an unspecified host is recognised in every spelling", () => {
  for (const host of ["0.0.0.0", "::", "0", "::0", "0:0:0:0:0:0:0:0", "::0.0.0.0"]) {
    assert.equal(isUnspecified(host), true, host);
  }
  for (const host of ["127.0.0.1", "10.0.0.0", "::1", "1::", "localhost", "", "a0"]) {
    assert.equal(isUnspecified(host), false, host);
  }
});

Deno.test("an IPv4 visitor of an IPv6 socket is shown with its IPv4 address", () => {
  assert.equal(unmapHost("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(unmapHost("::FFFF:192.0.2.1"), "192.0.2.1");
  assert.equal(unmapHost("::1"), "::1");
  assert.equal(unmapHost("2001:db8::ffff:1"), "2001:db8::ffff:1");
  assert.equal(unmapHost("192.0.2.1"), "192.0.2.1");
});
