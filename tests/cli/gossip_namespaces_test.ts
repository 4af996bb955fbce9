import assert from "node:assert/strict";
import { Gossips, heardBy, tell, upOf } from "./gossips.ts";
import { Machines, whyNoNamespaces } from "./network_namespaces.ts";
import type { RunningProcess } from "./processes.ts";

const reason = await whyNoNamespaces();
/** Says in the list of tests why some are skipped. */
const skipped = reason === null ? "" : ` (skipped: ${reason})`;

const COUNT = 20;
const CUT_OFF = 8;
const PORT = 7001;

/** The texts of a node's list, sorted: in which order they came differs. */
async function listOf(node: RunningProcess): Promise<string[]> {
  const { rumors } = await tell(node, "list");
  return (rumors as { text: string }[]).map(({ text }) => text).sort();
}

Deno.test({
  name: `with 20 % loss and a partition that heals, all have all that was said${skipped}`,
  ignore: reason !== null,
  async fn() {
    await using machines = await Machines.create(COUNT);
    const names = machines.all.map((_, i) => `n${i}`);
    const addresses = machines.all.map(({ address }) => `${address}:${PORT}`);
    await using network = await Gossips.at(addresses, names);
    const nodes = machines.all.map(({ prefix }, i) =>
      network.start(
        names[i]!,
        [...["--link", "loss=20%"], ...i === 0 ? [] : ["--peers", names[i - 1]!]],
        { prefix },
      )
    );
    await network.meet(nodes);

    const said: string[] = [];
    const sayAll = async (when: string) => {
      await Promise.all(nodes.map(async (node, i) => {
        const text = `${when} from ${i}`;
        said.push(text);
        assert.equal((await tell(node, `say ${text}`)).event, "ok");
      }));
    };
    await sayAll("before");
    for (const node of nodes) await node.count("rumor", COUNT);

    await machines.part(CUT_OFF);
    for (const [i, node] of nodes.entries()) {
      const others = i < CUT_OFF ? CUT_OFF - 1 : COUNT - CUT_OFF - 1;
      await node.prints(() => upOf(node).size === others);
    }
    await sayAll("meanwhile");
    for (const [i, node] of nodes.entries()) {
      const side = i < CUT_OFF ? CUT_OFF : COUNT - CUT_OFF;
      await node.count("rumor", COUNT + side);
      assert.equal(node.events("rumor").length, COUNT + side, "nothing gets through");
    }

    await machines.join();
    for (const node of nodes) await node.count("rumor", 2 * COUNT);
    said.sort();
    for (const node of nodes) {
      assert.deepEqual(await listOf(node), said);
      assert.deepEqual(heardBy(node), said, "each once");
    }
    await network.meet(nodes);
  },
});
