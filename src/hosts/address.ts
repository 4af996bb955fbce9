/**
 * Where a socket is: for the command line, which doesn't look into the wire's layer.
 *
 * @module
 */

export { type Address, formatAddress } from "../wire/address.ts";
