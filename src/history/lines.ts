/**
 * Cuts a stream of bytes into lines of text, a batch at a time.
 *
 * A log of hundreds of megabytes never is one string, and a file without line breaks never fills
 * the memory.
 *
 * @module
 */

/** A line longer than this, in UTF-16 code units, is given up: no event is nearly as long. */
export const MAX_LINE_LENGTH = 65_536;

/**
 * Yields the lines of each chunk, without their line breaks (LF or CRLF); null stands for a line
 * that is too long. The last line counts without a line break too, unless it is empty. Bytes that
 * are no UTF-8 become U+FFFD; a byte order mark at the start is dropped.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<(string | null)[]> {
  const decoder = new TextDecoder();
  let rest = "";
  let overlong = false;
  for await (const chunk of bytes) {
    const lines: (string | null)[] = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (let i = 0; i < lines.length; i++) {
      if (overlong || lines[i]!.length > MAX_LINE_LENGTH) lines[i] = null;
      overlong = false;
    }
    if (rest.length > MAX_LINE_LENGTH) {
      overlong = true;
      rest = "";
    }
    if (lines.length > 0) yield lines.map(dropCarriageReturn);
  }
  rest += decoder.decode();
  if (overlong) yield [null];
  else if (rest !== "") yield [dropCarriageReturn(rest)];
}

function dropCarriageReturn(line: string | null): string | null {
  return line !== null && line.endsWith("\r") ? line.slice(0, -1) : line;
}
