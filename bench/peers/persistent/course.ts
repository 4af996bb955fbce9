/**
 * The measurements of one run, one after the other, with one system.
 *
 * @module
 */

import {
  now,
  type Publisher,
  type Result,
  type Service,
  type Sizes,
  SUBSCRIBERS,
  WINDOW,
} from "./measurement.ts";

/** All messages of a run, numbered from 0. */
export class Course {
  readonly #service: Service;
  #sent = 0;

  /** Nothing has been sent yet. */
  constructor(service: Service) {
    this.#service = service;
  }

  /** Measures everything once. */
  async run(sizes: Sizes): Promise<Result> {
    const pipelined = await this.#pipelined(sizes.pipelined);
    const latenciesUs = await this.#oneByOne(sizes.oneByOne);
    await this.#everybodyHasAll();
    return {
      ...pipelined,
      p50Us: quantile(latenciesUs, 0.5),
      p99Us: quantile(latenciesUs, 0.99),
      connectionsPerSecond: await this.#connections(sizes.connections),
      backlogMs: sizes.backlog > 0 ? await this.#backlog(sizes.backlog) : NaN,
    };
  }

  /** Asserts that every subscriber has got everything that was sent, once and in order. */
  async verify(): Promise<void> {
    await this.#everybodyHasAll();
    for (const subscriber of this.#service.subscribers) await subscriber.verify(this.#sent);
  }

  /** Resolves with the time when the last one had everything. */
  async #everybodyHasAll(): Promise<number> {
    const { subscribers } = this.#service;
    const times = await Promise.all(
      subscribers.map(({ received }, i) => received.call(subscribers[i], this.#sent)),
    );
    return Math.max(...times);
  }

  async #pipelined(count: number) {
    const publisher = await this.#service.connect();
    const begin = now();
    await this.#send(publisher, count);
    const acknowledged = now();
    const delivered = await this.#everybodyHasAll();
    await publisher.close();
    return {
      acknowledgedPerSecond: count * 1000 / (acknowledged - begin),
      deliveredPerSecond: SUBSCRIBERS * count * 1000 / (delivered - begin),
    };
  }

  /** Sends as fast as the window lets it, until all is acknowledged. */
  async #send(publisher: Publisher, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      // Half a window at a time: who waits for each acknowledgement is woken too often.
      if (i >= WINDOW && i % (WINDOW / 2) === 0) await publisher.acknowledged(i - WINDOW / 2);
      publisher.send(this.#sent++);
    }
    await publisher.acknowledged(count);
  }

  async #oneByOne(count: number): Promise<number[]> {
    const publisher = await this.#service.connect();
    const latenciesUs: number[] = [];
    for (let i = 1; i <= count; i++) {
      const begin = performance.now();
      publisher.send(this.#sent++);
      await publisher.acknowledged(i);
      latenciesUs.push((performance.now() - begin) * 1000);
    }
    await publisher.close();
    return latenciesUs;
  }

  async #connections(count: number): Promise<number> {
    const begin = performance.now();
    for (let i = 0; i < count; i++) {
      const publisher = await this.#service.connect();
      publisher.send(this.#sent++);
      await publisher.acknowledged(1);
      await publisher.close();
    }
    const perSecond = count * 1000 / (performance.now() - begin);
    await this.#everybodyHasAll();
    return perSecond;
  }

  async #backlog(count: number): Promise<number> {
    const one = this.#service.subscribers.at(-1)!;
    await one.leave();
    const publisher = await this.#service.connect();
    await this.#send(publisher, count);
    await publisher.close();
    for (const other of this.#service.subscribers) {
      if (other !== one) await other.received(this.#sent);
    }
    const begin = now();
    await one.comeBack();
    return await one.received(this.#sent) - begin;
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}
