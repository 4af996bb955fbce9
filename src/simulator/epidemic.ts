/**
 * One rumor among many nodes, by the synchronous rules under which Demers et al. 1987 (section 1.4) give
 * their tables. Each node is the {@linkcode RumorMongering} that the sockets run.
 *
 * Time is a number of cycles. In each cycle:
 *
 * - Push: a node that spreads the rumor sends it to partners. Pull: every node asks partners, and who
 *   spreads the rumor sends it to who asks. Push-pull: both, with the same partners.
 * - Who hears the rumor spreads it from the next cycle.
 * - Feedback comes at the end of the cycle, and says whether the partner knew the rumor at its
 *   beginning. What a node's pushes come to counts one by one; what those who asked it come to counts
 *   as one time: useful if it was useful to any of them.
 * - Blind nodes count what they send at once, and may stop in the middle of a cycle.
 *
 * The rules about who asked decide: if each of them counted for itself, k = 1 would miss 7.1 % in
 * place of 3.2 %, and k = 3 a hundred times as many as the paper says.
 *
 * @module
 */

import { RumorMongering } from "../protocols/gossip/rumor_mongering.ts";
import type { Random } from "../protocols/random.ts";
import type { EpidemicOptions } from "./epidemic_options.ts";
import { Partners } from "./epidemic_partners.ts";

/** What came out of an epidemic. */
export interface EpidemicResult {
  /** The share of nodes that never heard the rumor. */
  readonly residue: number;
  /** How often the rumor was sent, for each node. Questions don't count. */
  readonly traffic: number;
  /** The cycle in which the last node heard it, of those that did. */
  readonly tLast: number;
  /** The cycle in which a node heard it, on the average of those that did; the first one in cycle 0. */
  readonly tAverage: number;
}

const RUMOR = 0;

/** The cycle of who hasn't heard it. */
const NEVER = 0x7fffffff;

/** What those came to who asked a node in a cycle. */
const ALL_KNEW = 1;
const NEWS_TO_SOME = 2;

/** An epidemic that begins at node 0. */
export class Epidemic {
  readonly #nodes: readonly RumorMongering<number>[];
  readonly #partners: Partners;
  readonly #pushes: boolean;
  readonly #pulls: boolean;
  readonly #heardAt: Int32Array;
  /** The nodes that spread the rumor, as of the beginning of the cycle. */
  #hot: number[] = [0];
  /** Those who have heard it in this cycle. */
  #fresh: number[] = [];
  /** Answers to pushes: twice the node, and 1 more if the partner knew. */
  #answers: number[] = [];
  /** The nodes that have sent the rumor to who asked, and to what it came. */
  #asked: number[] = [];
  readonly #outcomes: Uint8Array;
  #cycle = 0;
  #reached = 1;
  #sent = 0;

  /** Nobody but node 0 has heard the rumor. */
  constructor(options: EpidemicOptions, random: Random) {
    const { nodes, fanout, mode, rules } = options;
    this.#nodes = Array.from(
      { length: nodes },
      () => new RumorMongering<number>(options, random, rules),
    );
    this.#partners = new Partners(nodes, fanout, random);
    this.#pushes = mode !== "pull";
    this.#pulls = mode !== "push";
    this.#heardAt = new Int32Array(nodes).fill(NEVER);
    this.#outcomes = new Uint8Array(nodes);
    this.#heardAt[0] = 0;
    this.#nodes[0]!.learn(RUMOR);
  }

  /** How many cycles have passed. */
  get cycle(): number {
    return this.#cycle;
  }

  /** How many nodes have heard the rumor. */
  get reached(): number {
    return this.#reached;
  }

  /** Whether nobody spreads the rumor any more. */
  get isOver(): boolean {
    return this.#hot.length === 0;
  }

  /** One more cycle. */
  step(): void {
    this.#cycle++;
    if (this.#pulls) { for (let node = 0; node < this.#nodes.length; node++) this.#meet(node); }
    else for (const node of this.#hot) this.#meet(node);
    this.#answerPushes();
    this.#answerAsked();
    this.#hot = this.#hot.filter((node) => !this.#nodes[node]!.isIdle);
    this.#learn();
  }

  /** What has come out so far. */
  result(): EpidemicResult {
    const nodes = this.#nodes.length;
    let tLast = 0;
    let sum = 0;
    for (const heardAt of this.#heardAt) {
      if (heardAt === NEVER) continue;
      sum += heardAt;
      if (heardAt > tLast) tLast = heardAt;
    }
    const reached = this.#reached;
    return {
      ...{ residue: (nodes - reached) / nodes, traffic: this.#sent / nodes },
      ...{ tLast, tAverage: sum / reached },
    };
  }

  #meet(node: number): void {
    this.#partners.draw(node);
    const { drawn } = this.#partners;
    for (let i = 0; i < drawn.length; i++) {
      const partner = drawn[i]!;
      if (this.#pushes && !this.#nodes[node]!.isIdle) this.#push(node, partner);
      if (this.#pulls && !this.#nodes[partner]!.isIdle) this.#serve(partner, node);
    }
  }

  #push(from: number, to: number): void {
    const wasKnown = this.#send(from, to);
    this.#answers.push(2 * from + (wasKnown ? 1 : 0));
  }

  #serve(from: number, to: number): void {
    const wasKnown = this.#send(from, to);
    if (this.#outcomes[from] === 0) this.#asked.push(from);
    this.#outcomes[from]! |= wasKnown ? ALL_KNEW : NEWS_TO_SOME;
  }

  /** Returns whether the rumor was known there at the beginning of the cycle. */
  #send(from: number, to: number): boolean {
    this.#sent++;
    this.#nodes[from]!.told(RUMOR);
    const heardAt = this.#heardAt[to]!;
    if (heardAt === NEVER) {
      this.#heardAt[to] = this.#cycle;
      this.#fresh.push(to);
    }
    return heardAt < this.#cycle;
  }

  #answerPushes(): void {
    for (const answer of this.#answers) {
      this.#nodes[answer >> 1]!.answered(RUMOR, answer % 2 === 1);
    }
    this.#answers = [];
  }

  #answerAsked(): void {
    for (const node of this.#asked) {
      this.#nodes[node]!.answered(RUMOR, this.#outcomes[node] === ALL_KNEW);
      this.#outcomes[node] = 0;
    }
    this.#asked = [];
  }

  #learn(): void {
    for (const node of this.#fresh) {
      this.#nodes[node]!.learn(RUMOR);
      this.#hot.push(node);
    }
    this.#reached += this.#fresh.length;
    this.#fresh = [];
  }
}
