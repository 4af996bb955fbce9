/**
 * In whose name a process speaks.
 *
 * @module
 */

/** The variable with which a lab makes its processes complain in the lab's name: nobody typed
 * theirs. */
export const TITLE_VARIABLE = "MPCOMM_TITLE";
