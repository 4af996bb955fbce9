import assert from "node:assert/strict";
import fc from "fast-check";
import {
  address,
  array,
  boolean,
  bytes,
  type Check,
  integer,
  messages,
  nullable,
  number,
  oneOf,
  record,
  text,
} from "../../src/wire/validation.ts";

function accepts<T>(check: Check<T>, ...values: unknown[]): void {
  for (const value of values) assert.deepEqual(check(value, "x"), value);
}

function refuses<T>(check: Check<T>, message: string, ...values: unknown[]): void {
  for (const value of values) {
    assert.throws(() => check(value, "x"), new TypeError(message), JSON.stringify(value));
  }
}

Deno.test("text has a length and no control characters", () => {
  accepts(text(1, 3), "a", "abc", "東京", "a b");
  refuses(
    text(1, 3),
    "Field x must be a string of 1 to 3 characters",
    "",
    "abcd",
    1,
    null,
    undefined,
  );
  refuses(
    text(1, 9),
    "Field x must be free of control characters",
    "a\nb",
    "\x1b[2J",
    "\0",
    "\x7f",
    "\x9b",
    "\u2028",
  );
});

Deno.test("an integer has bounds, both inside", () => {
  accepts(integer(1, 3), 1, 3, 2.0);
  refuses(integer(1, 3), "Field x must be an integer from 1 to 3", 0, 4, 1.5, NaN, "2", null, true);
  refuses(integer(0, 2 ** 53), `Field x must be an integer from 0 to ${2 ** 53}`, Infinity);
});

Deno.test("a number has bounds and may have fractions", () => {
  accepts(number(0, 10), 0, 0.5, 10);
  refuses(number(0, 10), "Field x must be a number from 0 to 10", -0.1, 10.1, NaN, Infinity, "1");
});

Deno.test("booleans, binaries and enumerations accept nothing similar", () => {
  accepts(boolean, true, false);
  refuses(boolean, "Field x must be true or false", 0, 1, "true", null);
  accepts(bytes(2), new Uint8Array(0), Uint8Array.of(1, 2));
  refuses(bytes(2), "Field x must be a binary of at most 2 bytes", new Uint8Array(3), "ab", [1, 2]);
  accepts(oneOf(["a", "b"]), "a", "b");
  refuses(oneOf(["a", "b"]), "Field x must be one of a, b", "c", "", 0, null, "toString");
});

Deno.test("what is nullable may be null or missing, and is null then", () => {
  accepts(nullable(integer(1, 2)), 1, null);
  assert.equal(nullable(integer(1, 2))(undefined, "x"), null);
  refuses(nullable(integer(1, 2)), "Field x must be an integer from 1 to 2", 3);
});

Deno.test("an error names the element and the field inside", () => {
  const check = array(record<{ to: { host: string; port: number } }>({ to: address }), 2);
  accepts(check, [], [{ to: { host: "h", port: 1 } }]);
  refuses(check, "Field x must be an array of at most 2 elements", {}, "ab", [1, 2, 3]);
  refuses(check, "Field x[0] must be a map", [1], [null], [[]], [new Uint8Array(2)]);
  refuses(
    check,
    "Field x[1].to.port must be an integer from 1 to 65535",
    [{ to: { host: "h", port: 1 } }, { to: { host: "h", port: 0 } }],
  );
});

Deno.test("an address is a name or a literal of either family, with a port", () => {
  for (const host of ["localhost", "10.0.0.1", "::1", "fe80::1%eth0", "a-b_c.example", "0.0.0.0"]) {
    accepts(address, { host, port: 5678 });
  }
  for (const host of ["", "a b", "a\n", "[::1]", "ü", "a/b", "x".repeat(254)]) {
    assert.throws(() => address({ host, port: 1 }, "x"), /^TypeError: Field x.host must be/, host);
  }
  for (const port of [0, -1, 65536, 1.5, "80", null]) {
    assert.throws(() => address({ host: "h", port }, "x"), /^TypeError: Field x.port must be/);
  }
});

type Animal = { type: "cat"; lives: number } | { type: "dog"; name: string };
const decode = messages<Animal>({ cat: { lives: integer(0, 9) }, dog: { name: text(1, 9) } });

Deno.test("a message is recognised by its type; fields that nobody asked for are left out", () => {
  assert.deepEqual(decode({ type: "cat", lives: 9, name: "Tom" }), { type: "cat", lives: 9 });
  assert.throws(() => decode({ type: "dog", lives: 9 }), /^TypeError: In message dog: Field name/);
});

Deno.test("what isn't a message of a known type is refused", () => {
  for (const value of [null, undefined, 1, "cat", [], new Uint8Array(3)]) {
    assert.throws(() => decode(value), new TypeError("A message must be a map"));
  }
  for (
    const type of [undefined, null, "", "Cat", "constructor", "__proto__", "toString", ["cat"]]
  ) {
    assert.throws(() => decode({ type }), new TypeError("Field type must be one of cat, dog"));
  }
});

Deno.test("fields that every object inherits don't count as sent", () => {
  const odd = messages<{ type: "odd"; constructor: unknown }>({
    odd: { constructor: (value, field) => assert.equal(value, undefined, field) },
  });
  odd({ type: "odd" });
});

Deno.test("any decoded value passes or is refused as a TypeError", () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    try {
      decode(value);
    } catch (error) {
      assert.ok(error instanceof TypeError);
    }
  }));
});
