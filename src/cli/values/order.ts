/**
 * One multicast order.
 *
 * @module
 */

import type { ValueParser } from "@optique/core/valueparser";
import { type Order, ORDERS } from "../../protocols/process.ts";
import { quote } from "../quote.ts";
import { parseOrderList } from "./order_list.ts";
import { valueParser } from "./value_parser.ts";

/**
 * Reads the name of an order.
 *
 * @throws {SyntaxError} If there is no such order, or there are several; the message quotes it.
 */
export function parseOrder(text: string): Order {
  const [order, ...others] = parseOrderList(text);
  if (others.length === 0) return order!;
  throw new SyntaxError(`expected one order, got ${quote(text)}`);
}

/** A value parser for one order. */
export function order(): ValueParser<"sync", Order> {
  return valueParser({
    metavar: "ORDER",
    example: ORDERS[0],
    parse: parseOrder,
    format: String,
    complete: () => ORDERS,
  });
}
