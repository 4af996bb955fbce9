/**
 * Runs scenarios and compares what they print with what is written down.
 *
 * A scenario is a text file: comments, and blocks of a command, a line of dashes and its output. The
 * commands are explained in commands.ts. After a change that is meant,
 *
 * ```sh
 * deno test -A tests/scenarios -- --update     # or MPCOMM_UPDATE=1 deno test -A tests/scenarios
 * ```
 *
 * writes the outputs anew; say in the commit why they changed. A new scenario is written without
 * outputs and gets them so.
 *
 * Whatever is written down, no scenario passes in which something that its order promises is
 * violated, a stop marker overtakes messages, or a payload is not delivered as it was multicast.
 *
 * @module
 */

import { firstBroken, judge, promised } from "../../src/checkers/judge.ts";
import type { World } from "./world.ts";
import { Interpreter } from "./commands.ts";
import { diffLines } from "./diff.ts";
import { type Block, formatTranscript, parseTranscript } from "./transcript.ts";

/** A scenario as it went. */
export interface Played {
  /** The file with the outputs that there really were. */
  readonly text: string;
  /** Where they differ from what was written down; empty if nowhere. */
  readonly difference: string;
}

/**
 * Runs a scenario.
 *
 * @param name What errors call it.
 * @throws {Error} A command is wrong, with its line; or a promised property is violated.
 */
export function play(name: string, text: string): Played {
  const interpreter = new Interpreter();
  const blocks: Block[] = [];
  const differences: string[] = [];
  for (const block of parse(name, text)) {
    if (block.command === "") {
      blocks.push(block);
      continue;
    }
    // A second group ends the first, which nothing can change any more.
    if (block.command.startsWith("group ")) assertPromises(name, block.line, interpreter.world);
    const output = execute(name, interpreter, block);
    blocks.push({ ...block, output });
    const difference = diffLines(block.output ?? [], output);
    if (difference !== "") {
      differences.push(`${name}:${block.line}: ${block.command}\n${difference}`);
    }
  }
  assertPromises(name, blocks.at(-1)?.line ?? 1, interpreter.world);
  return { text: formatTranscript(blocks), difference: differences.join("\n\n") };
}

function parse(name: string, text: string): Block[] {
  try {
    return parseTranscript(text);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

function execute(name: string, interpreter: Interpreter, { command, line }: Block): string[] {
  try {
    return interpreter.execute(command);
  } catch (error) {
    throw new Error(`${name}:${line}: ${command}: ${(error as Error).message}`, { cause: error });
  }
}

function assertPromises(name: string, line: number, world: World | null): void {
  if (world === null) return;
  for (const { self, process } of world.members) {
    if (process.inconsistencies === 0) continue;
    throw new Error(`${name}:${line}: a stop marker overtook messages at process ${self}`);
  }
  const broken = firstBroken(promised(world.settings.order), judge(world.run));
  if (broken === null) return;
  throw new Error(`${name}:${line}: ${broken.property} is violated: ${broken.witness!.sentence}`);
}
