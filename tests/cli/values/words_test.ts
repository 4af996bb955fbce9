import assert from "node:assert/strict";
import fc from "fast-check";
import { parseName } from "../../../src/cli/values/name.ts";
import { formatOrderList, parseOrderList } from "../../../src/cli/values/order_list.ts";
import { parsePath } from "../../../src/cli/values/path.ts";
import { parseRegion } from "../../../src/cli/values/region.ts";
import { ORDERS } from "../../../src/protocols/process.ts";
import { refuses } from "./refuses.ts";

Deno.test("a list of orders keeps its sequence and reads back", () => {
  assert.deepEqual(parseOrderList("lamport,none"), ["lamport", "none"]);
  fc.assert(fc.property(fc.shuffledSubarray([...ORDERS], { minLength: 1 }), (orders) => {
    assert.deepEqual(parseOrderList(formatOrderList(orders)), orders);
  }));
});

Deno.test("an order that doesn't exist or comes twice is refused by its name", () => {
  const known = `use ${ORDERS.join(", ")}`;
  refuses(parseOrderList, {
    "": `An order is empty: ${known}`,
    "none,": `An order is empty: ${known}`,
    "none,,lamport": `An order is empty: ${known}`,
    "none,lamprot": 'There is no order "lamprot": did you mean lamport?',
    "LAMPORT": 'There is no order "LAMPORT": did you mean lamport?',
    "none, lamport": 'There is no order " lamport": did you mean lamport?',
    "random": `There is no order "random": ${known}`,
    "lamport,none,lamport": "The order lamport is given twice",
  });
});

Deno.test("a name has letters, digits and a few signs", () => {
  for (const name of ["a", "peer-1", "host.example:7001", "Ä7", "名前", "0", "x".repeat(64)]) {
    assert.equal(parseName(name), name);
  }
  for (
    const text of ["", " ", "a b", "-a", ".a", "a/b", "a\n", "a\x1b[31m", 'a"', "x".repeat(65)]
  ) {
    assert.throws(() => parseName(text), /^SyntaxError: expected a name of 1 to 64 /, text);
  }
});

Deno.test("a region is a word that can't be taken for an option", () => {
  for (const region of ["us-east-1", "eu", "München/2"]) assert.equal(parseRegion(region), region);
  for (const text of ["", " ", "eu us", "--json", "-"]) {
    assert.throws(() => parseRegion(text), SyntaxError, text);
  }
});

Deno.test("a path that looks like an option is taken for a forgotten value", () => {
  for (const path of ["logs", "./--json", "/tmp/a b", "..", "ü"]) {
    assert.equal(parsePath(path), path);
  }
  refuses(parsePath, {
    "": "A name of a file or folder is empty",
    "--json": '"--json" looks like an option: write ./--json for a file',
    "a\0b": '"a\\u0000b" can\'t be the name of a file',
  });
});
