/**
 * A line at the bottom of the terminal in which a person types commands, while what happens is printed
 * above it.
 *
 * @module
 */

import { LineEditor } from "./line_editor.ts";
import { colorByName } from "./name_colors.ts";
import { printable } from "./printable.ts";
import type { Signals } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

/** Lets a person type; the end of the input is the command `quit`.
 *
 * @param name Whose commands they are, shown before the line. */
export async function openCommandEditor(
  name: string,
  feed: (line: string) => void,
  signals: Signals,
  terminal: Terminal,
): Promise<LineEditor> {
  const { default: process } = await import("node:process");
  return new LineEditor(terminal, {
    input: process.stdin,
    prompt: `${name}> `,
    paint: (prompt) => terminal.colors ? colorByName(prompt, name) : prompt,
    onLine: (line) => {
      // It has left the editor, and the answer should have something to stand below.
      if (line.trim() !== "") terminal.say(terminal.dim(`${name}> ${printable(line)}`));
      feed(line);
    },
    onInterrupt: () => signals.interrupt(),
    onEnd: () => feed("quit"),
  });
}
