/**
 * What tells settings of a gossip network apart, from one node's point of view.
 *
 * @module
 */

import type { GossipReport } from "../hosts/gossip_host.ts";

/** Of several numbers. */
export interface MeanAndMax {
  readonly mean: number;
  readonly max: number;
}

/** A node's measures. What there is nothing to measure of is null. */
export interface GossipSummary {
  /** That it heard, its own included. */
  readonly rumors: number;
  /** Rumors that it sent to somebody, known there or not. */
  readonly sent: number;
  /** That came to it though they were known. */
  readonly duplicates: number;
  /** That came to it first by anti-entropy. */
  readonly supplied: number;
  /** Rumors sent, for each rumor heard: what the network's traffic is for each node. */
  readonly traffic: number | null;
  /** Messages of all kinds sent, for each rumor heard. */
  readonly messagesPerRumor: number | null;
  /** That others' rumors took to here. */
  readonly hops: MeanAndMax | null;
  /** So many of its own rumors are followed, the latest: the rest is about them. */
  readonly followed: number;
  /** The share of others, of those that were up, whom telling missed: they have it by anti-entropy, or
   * not yet. */
  readonly residue: number | null;
  /** The share of others, of those that were up, that haven't got it so far. */
  readonly missing: number | null;
  /** How long a rumor took to the last that has it, and its receipt back, in milliseconds. */
  readonly lastMs: MeanAndMax | null;
  /** The most hops that a rumor took to anybody. */
  readonly lastHops: MeanAndMax | null;
}

/** The measures of a node. */
export function summarize(report: GossipReport): GossipSummary {
  const { heard, rumorsSent, duplicates, supplied, messagesSent, meanHops, maxHops, measures } =
    report;
  const asked = measures.filter(({ others }) => others > 0);
  const others = sum(asked.map(({ others }) => others));
  const times = asked.flatMap(({ lastMs }) => lastMs === null ? [] : [lastMs]);
  const hops = asked.flatMap(({ reached, lastHops }) => reached === 0 ? [] : [lastHops]);
  return {
    ...{ rumors: heard, sent: rumorsSent, duplicates, supplied },
    traffic: share(rumorsSent, heard),
    messagesPerRumor: share(messagesSent, heard),
    hops: maxHops === 0 ? null : { mean: rounded(meanHops), max: maxHops },
    followed: asked.length,
    residue: share(sum(asked.map(({ missed }) => missed)), others),
    missing: share(sum(asked.map(({ others, reached }) => others - reached)), others),
    lastMs: meanAndMax(times),
    lastHops: meanAndMax(hops),
  };
}

/** The measures for people, a line each. */
export function describeSummary(summary: GossipSummary): string[] {
  const { rumors, sent, duplicates, supplied, traffic, messagesPerRumor, hops } = summary;
  const { followed, residue, missing, lastMs, lastHops } = summary;
  if (rumors === 0) return ["No rumors"];
  const lines = [
    `Rumors: ${rumors}, sent ${sent} times (${traffic} for each), ${duplicates} came though they ` +
    `were known, ${supplied} came by anti-entropy; ${messagesPerRumor} messages for each in all`,
  ];
  if (hops !== null) lines.push(`Hops to here: ${hops.mean} on average, ${hops.max} at most`);
  if (residue === null || missing === null) return lines;
  const whose = followed === 1 ? "The last one said here" : `The last ${followed} said here`;
  const missed = `telling missed ${percent(residue)} of the others, ${percent(missing)} lack it`;
  const last = lastMs === null || lastHops === null
    ? ""
    : `; the last had it after ${lastMs.mean} ms (hops ${lastHops.mean}) on average, ` +
      `${lastMs.max} ms (hops ${lastHops.max}) at most`;
  return [...lines, `${whose}: ${missed}${last}`];
}

function percent(share: number): string {
  return `${rounded(100 * share)} %`;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded(part / whole);
}

function meanAndMax(numbers: readonly number[]): MeanAndMax | null {
  if (numbers.length === 0) return null;
  const mean = sum(numbers) / numbers.length;
  return { mean: rounded(mean), max: rounded(Math.max(...numbers)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** To four digits. */
function rounded(number: number): number {
  return Number(number.toPrecision(4));
}
