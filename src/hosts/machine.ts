/**
 * Which machine this is.
 *
 * @module
 */

/** A name of this machine. Two processes that have the same one read the same clock: it is made of
 * the host name and the hardware addresses of the network interfaces, so that copies of one virtual
 * machine differ. Processes of one machine may differ too, in containers; then their clocks are not
 * compared, which is the safe side. */
export async function machineId(): Promise<string> {
  const parts = [tell(() => Deno.hostname()), ...tell(hardwareAddresses).split(" ")];
  const bytes = new TextEncoder().encode(parts.join("\n"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex().slice(0, 32);
}

function hardwareAddresses(): string {
  const addresses = new Set(Deno.networkInterfaces().map(({ mac }) => mac));
  return [...addresses].sort().join(" ");
}

/** What can't be told, for lack of permission or support, is left out. */
function tell(what: () => string): string {
  try {
    return what();
  } catch {
    return "";
  }
}
