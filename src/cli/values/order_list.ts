/**
 * Lists of multicast orders: `lamport` or `none,lamport`.
 *
 * @module
 */

import { findSimilar } from "@optique/core/suggestion";
import type { ValueParser } from "@optique/core/valueparser";
import { type Order, ORDERS } from "../../protocols/process.ts";
import { quote } from "../quote.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads one order or several with commas between them; they keep their sequence.
 *
 * @throws {SyntaxError} If there is none, or one that doesn't exist or comes twice; the message
 *   names it.
 */
export function parseOrderList(text: string): readonly Order[] {
  const orders: Order[] = [];
  for (const name of text.split(",")) {
    const order = ORDERS.find((known) => known === name);
    if (order === undefined) throw unknownOrder(name);
    if (orders.includes(order)) throw new SyntaxError(`The order ${order} is given twice`);
    orders.push(order);
  }
  return orders;
}

/** Writes orders as {@linkcode parseOrderList} reads them. */
export function formatOrderList(orders: readonly Order[]): string {
  return orders.join(",");
}

/** A value parser for one order or several. */
export function orderList(): ValueParser<"sync", readonly Order[]> {
  return valueParser({
    metavar: "ORDER,...",
    example: ORDERS[0],
    parse: parseOrderList,
    format: formatOrderList,
    complete: completeOrders,
  });
}

function unknownOrder(name: string): SyntaxError {
  const known = `use ${ORDERS.join(", ")}`;
  if (name === "") return new SyntaxError(`An order is empty: ${known}`);
  const [similar] = findSimilar(name, ORDERS, { maxDistance: 2 });
  const hint = similar === undefined ? known : `did you mean ${similar}?`;
  return new SyntaxError(`There is no order ${quote(name)}: ${hint}`);
}

/** Offers the orders that aren't there yet after what is there already. */
function* completeOrders(prefix: string): Generator<string> {
  const start = prefix.lastIndexOf(",") + 1;
  const written = prefix.slice(0, start);
  const taken = new Set(written.split(","));
  for (const order of ORDERS) {
    if (!taken.has(order)) yield written + order;
  }
}
