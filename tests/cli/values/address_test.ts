import assert from "node:assert/strict";
import fc from "fast-check";
import { formatAddress } from "../../../src/hosts/address.ts";
import { parseAddress } from "../../../src/cli/values/address.ts";
import { refuses } from "./refuses.ts";

Deno.test("an address is a host and a port", () => {
  const cases: Readonly<Record<string, { host: string; port: number }>> = {
    "127.0.0.1:5678": { host: "127.0.0.1", port: 5678 },
    "0.0.0.0:0": { host: "0.0.0.0", port: 0 },
    "localhost:65535": { host: "localhost", port: 65535 },
    "a-1.example.com.:80": { host: "a-1.example.com.", port: 80 },
    "peer_1:00080": { host: "peer_1", port: 80 },
    "[::1]:80": { host: "::1", port: 80 },
    "[::]:0": { host: "::", port: 0 },
    "[2001:DB8:0:0:0:0:0:1]:443": { host: "2001:db8::1", port: 443 },
    "[::ffff:192.0.2.1]:1": { host: "::ffff:c000:201", port: 1 },
  };
  for (const [text, address] of Object.entries(cases)) {
    assert.deepEqual(parseAddress(text), address, text);
  }
});

Deno.test("what is not an address is refused with the reason", () => {
  refuses(parseAddress, {
    "localhost": '"localhost" has no port: expected HOST:PORT',
    "5678": '"5678" has no port: expected HOST:PORT',
    "": '"" has no port: expected HOST:PORT',
    ":5678": '":5678" has no host: expected HOST:PORT',
    "localhost:": '"localhost:" has no port from 0 to 65535 after the host',
    "localhost:65536": '"localhost:65536" has no port from 0 to 65535 after the host',
    "localhost:-1": '"localhost:-1" has no port from 0 to 65535 after the host',
    "localhost:1e3": '"localhost:1e3" has no port from 0 to 65535 after the host',
    "localhost: 80": '"localhost: 80" has no port from 0 to 65535 after the host',
    "[::1]": '"[::1]" has no port: expected HOST:PORT',
    "[::1": '"[::1" has no closing bracket: expected [IPV6]:PORT',
    "[::1]80": '"[::1]80" has no port: expected HOST:PORT',
    "[::1]x:80": '"[::1]x:80" has no port: expected HOST:PORT',
    "[]:80": '"[]" in "[]:80" is not an IPv6 address',
    "[::g]:80": '"[::g]" in "[::g]:80" is not an IPv6 address',
    "[localhost]:80": '"[localhost]" in "[localhost]:80" is not an IPv6 address',
    "::1:80": '"::1:80" needs brackets around its IPv6 address: write [::1]:80',
    "300.1.1.1:80": '"300.1.1.1" in "300.1.1.1:80" is not a host name or an IP address',
    "1.2.3:80": '"1.2.3" in "1.2.3:80" is not a host name or an IP address',
    "a b:80": '"a b" in "a b:80" is not a host name or an IP address',
    "-a:80": '"-a" in "-a:80" is not a host name or an IP address',
    "a..b:80": '"a..b" in "a..b:80" is not a host name or an IP address',
    "http://a:80": '"http://a:80" needs brackets around its IPv6 address: write [http://a]:80',
  });
  assert.throws(() => parseAddress(`${"a.".repeat(127)}a:80`), SyntaxError);
});

Deno.test("an address to connect to has a port other than 0", () => {
  assert.equal(parseAddress("a:1", 1).port, 1);
  refuses((text) => parseAddress(text, 1), {
    "a:0": '"a:0" has no port from 1 to 65535 after the host',
  });
});

Deno.test("a formatted address reads back as the same one", () => {
  const host = fc.oneof(
    fc.ipV4(),
    fc.domain(),
    fc.ipV6().map((address) => new URL(`http://[${address}]`).hostname.slice(1, -1)),
  );
  fc.assert(fc.property(host, fc.integer({ min: 0, max: 65_535 }), (host, port) => {
    assert.deepEqual(parseAddress(formatAddress({ host, port })), { host, port });
  }));
});

Deno.test("no text makes the reader fail in another way than by refusing it", () => {
  const readsOrRefuses = (text: string) => {
    try {
      const { host, port } = parseAddress(text);
      assert.ok(host !== "" && port >= 0 && port <= 65_535);
    } catch (error) {
      assert.ok(error instanceof SyntaxError && !error.message.includes("\n"), text);
    }
  };
  const likely = fc.string({ unit: fc.constantFrom(..."[]:.019af-") });
  fc.assert(fc.property(likely, readsOrRefuses), { numRuns: 1000 });
  const anything = fc.string({
    unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
  });
  fc.assert(fc.property(anything, readsOrRefuses), { numRuns: 1000 });
});
