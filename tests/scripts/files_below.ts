/**
 * Walks a folder.
 *
 * @module
 */

/** Yields the files below a folder by their paths from it; files and folders with a name in
 * `skipped` are left out. */
export async function* filesBelow(
  folder: URL,
  skipped: ReadonlySet<string> = new Set(),
): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (skipped.has(name)) continue;
    if (!isDirectory) yield name;
    else {
      const child = new URL(`${encodeURIComponent(name)}/`, folder);
      for await (const path of filesBelow(child, skipped)) yield `${name}/${path}`;
    }
  }
}
