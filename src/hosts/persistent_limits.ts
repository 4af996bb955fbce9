/**
 * Limits of the persistent multicast: for the command line, which doesn't look into the protocols.
 *
 * @module
 */

export { isMemberId, MAX_ID, MAX_TEXT_BYTES } from "../protocols/persistent/messages.ts";
