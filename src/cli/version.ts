/**
 * Which mpcomm this is.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The version that deno.json declares, for instance `0.1.0`. */
export const VERSION: string = config.version;
