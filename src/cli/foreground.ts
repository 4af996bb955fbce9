/**
 * Whether this process may read from its terminal.
 *
 * @module
 */

/**
 * Whether another process group has the terminal, as after `mpcomm coordinator &` in a shell. Where
 * that can't be found out, it is taken for no.
 */
export function isInBackground(): boolean {
  try {
    // pid (name) state ppid pgrp session tty tpgid ...; the name may have spaces and brackets in it.
    const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /s, "").split(" ");
    const [group, foreground] = [Number(fields[2]), Number(fields[5])];
    return foreground > 0 && group !== foreground;
  } catch {
    return false;
  }
}
