/**
 * The text of a scenario: comments, commands, and what each command is to print.
 *
 * ```ts
 * import { formatTranscript, parseTranscript } from "./transcript.ts";
 *
 * const text = "# A story\n\nmulticast 0 \"a\"\n----\n0 multicasts\n";
 * const blocks = parseTranscript(text);
 * console.assert(blocks[1]!.command === 'multicast 0 "a"' && blocks[1]!.line === 3);
 * console.assert(formatTranscript(blocks) === text);
 * ```
 *
 * @module
 */

/** The line between a command and its output. */
const RULE = "----";

/** What stands between two blank lines: comments, then at most one command with its output. */
export interface Block {
  readonly comments: readonly string[];
  /** Empty where there are only comments. */
  readonly command: string;
  /** The number of the command's line in the file, from 1. */
  readonly line: number;
  /** What the command is to print; null where nobody has written it down yet. */
  readonly output: readonly string[] | null;
}

/**
 * Reads a scenario.
 *
 * @throws {SyntaxError} Two commands stand in one block, or there is output without a command.
 */
export function parseTranscript(text: string): Block[] {
  const blocks: Block[] = [];
  let section: string[] = [];
  for (const [index, line] of `${text}\n`.split("\n").entries()) {
    if (line.trim() !== "") {
      section.push(line);
    } else if (section.length > 0) {
      blocks.push(parseBlock(section, index + 1 - section.length));
      section = [];
    }
  }
  return blocks;
}

function parseBlock(lines: readonly string[], firstLine: number): Block {
  const rule = lines.indexOf(RULE);
  const head = rule === -1 ? lines : lines.slice(0, rule);
  const commentCount = head.findIndex((line) => !line.startsWith("#"));
  if (commentCount === -1) {
    if (rule !== -1) throw new SyntaxError(`Line ${firstLine + rule}: there is no command`);
    return { comments: head, command: "", line: firstLine, output: [] };
  }
  const line = firstLine + commentCount;
  if (commentCount !== head.length - 1) {
    throw new SyntaxError(`Line ${line + 1}: a blank line or ${RULE} must stand before this`);
  }
  return {
    comments: head.slice(0, commentCount),
    command: head[commentCount]!,
    line,
    output: rule === -1 ? null : lines.slice(rule + 1),
  };
}

/** Writes a scenario as {@linkcode parseTranscript} reads it. */
export function formatTranscript(blocks: readonly Block[]): string {
  return blocks.map(({ comments, command, output }) => {
    const lines = command === "" ? comments : [...comments, command, RULE, ...(output ?? [])];
    return lines.map((line) => `${line}\n`).join("");
  }).join("\n");
}
