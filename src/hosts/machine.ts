/**
 * Which machine this is.
 *
 * @module
 */

/** A name that two processes share exactly if they run on the same machine since the same boot, and
 * so read the same clock. Where the system doesn't tell its boots apart, the host name must do. */
export async function machineId(): Promise<string> {
  let host = "unknown";
  try {
    host = Deno.hostname();
  } catch {
    // Not permitted: the boot alone tells.
  }
  try {
    const boot = await Deno.readTextFile("/proc/sys/kernel/random/boot_id");
    return `${host.slice(0, 64)}/${boot.trim().slice(0, 36)}`;
  } catch {
    return host.slice(0, 64);
  }
}
