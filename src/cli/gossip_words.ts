/**
 * The words that a node of a gossip network says by itself.
 *
 * @module
 */

import { readBoundedFile } from "../hosts/bounded_file.ts";
import { fileReason } from "../hosts/file_reason.ts";

/** The longest file of words that is read, in bytes. */
const LONGEST_FILE_BYTES = 8 * 1024 * 1024;

/** The longest word, in UTF-16 units: many a saying is one. */
const LONGEST_WORD = 1000;

const ENGLISH = (
  "able acorn actor adventure afternoon airport album almond alphabet anchor animal ankle " +
  "answer apple apron arrow artist autumn avenue baker balance balloon bamboo banana banjo " +
  "barrel basket battery beach beard bell bench bicycle birthday biscuit blanket blossom boat " +
  "bonfire book bottle bowl branch bread breeze brick bridge broom bubble bucket butter button " +
  "cabin cactus calendar camel camera candle canoe canyon cardboard carpet carrot castle cedar " +
  "ceiling chair chalk cherry chess chimney cinema circle circus cloud clover coast coffee " +
  "compass copper coral corner cotton cradle crayon cricket crown crystal cupboard curtain " +
  "cushion dairy daisy dancer dawn daylight desert diamond dinner doctor dolphin donkey door " +
  "dragon drawer dream drum eagle earring echo elbow elephant engine envelope evening fable " +
  "falcon family farmer feather fence fern festival fiddle field finger fireplace flame flour " +
  "flute forest fossil fountain fox frost garden garlic gate geese ginger glacier glove goat " +
  "gold grape grass guitar hammer harbor harvest hat hedge herring hill honey horizon horse " +
  "hotel ice igloo ink island ivory jacket jam jasmine jewel journey judge juice jungle kettle " +
  "key kitchen kite kitten ladder lagoon lamp lantern laundry lawn leaf lemon letter library " +
  "lighthouse lion lizard lobster lunch magnet mango map marble market meadow medal melon " +
  "mirror mitten monkey moon morning moth mountain mouse music napkin needle neighbor nest " +
  "night noodle notebook nutmeg oak oasis ocean olive onion orange orchard otter oven owl " +
  "paddle painter palace pancake paper parade parrot path peach pearl pebble pencil pepper " +
  "piano picnic pillow pine planet plum pocket pond poppy postcard potato pumpkin puzzle " +
  "quarry queen quilt rabbit radio railway rain raven ribbon river road robin rocket rope rose " +
  "ruby saddle sailor salad salt sand school scissors season shadow shell shovel silver singer " +
  "skate sky slipper snail snow soap sofa soup spider spoon spring squirrel stair star station " +
  "stone storm story straw street sugar summer sunset swallow sweater table tailor teacher " +
  "tent theater thimble thread thunder tiger timber toast tomato tower train travel tulip " +
  "tunnel turtle umbrella valley vanilla velvet village violin visitor voyage wagon walnut " +
  "water waterfall weather wheel whistle willow window winter wolf wool yard yellow yogurt " +
  "zebra zipper"
).split(" ");

/**
 * The words of a file, one a line, or some that are built in. Blanks around them and empty lines don't
 * count.
 *
 * @throws {Error} in one line with file and line, if it can't be read or has none.
 */
export async function loadWords(path: string | undefined): Promise<readonly string[]> {
  if (path === undefined) return ENGLISH;
  const words: string[] = [];
  for (const [i, line] of (await readText(path)).split(/\r?\n/).entries()) {
    const word = line.trim();
    if (word.length > LONGEST_WORD) {
      throw new Error(`${path}:${i + 1}: a word has at most ${LONGEST_WORD} characters`);
    }
    if (word !== "") words.push(word);
  }
  if (words.length === 0) throw new Error(`${path}: no words in it`);
  return words;
}

async function readText(path: string): Promise<string> {
  let bytes: Uint8Array | null;
  try {
    bytes = await readBoundedFile(path, LONGEST_FILE_BYTES);
  } catch (error) {
    throw new Error(`${path}: ${fileReason(error)}`);
  }
  if (bytes === null) throw new Error(`${path}: longer than ${LONGEST_FILE_BYTES} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${path}: not a text file in UTF-8`);
  }
}
