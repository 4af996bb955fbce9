import assert from "node:assert/strict";
import {
  epidemicTellings,
  MAX_NEWS,
  MAX_QUEUED,
  MemberNews,
} from "../../../src/protocols/gossip/member_news.ts";
import type { MemberRecord } from "../../../src/protocols/gossip/messages.ts";

const KEEP_MS = 100;

function record(name: string, incarnation = 1): MemberRecord {
  return { name, address: `${name}:1`, incarnation, state: "alive" };
}

function names(records: readonly MemberRecord[]): string {
  return records.map(({ name }) => name).join(" ");
}

/** How often something is told until it is told no more. */
function countTellings(news: MemberNews, members: number, now: number): number {
  let told = 0;
  while (news.take(members, now).length > 0) told++;
  return told;
}

Deno.test("an epidemic needs ceil(log2(n + 1)) tellings", () => {
  for (
    const [members, tellings] of [[1, 1], [2, 2], [3, 2], [4, 3], [50, 6], [1000, 10]] as const
  ) {
    assert.equal(epidemicTellings(members), tellings);
    assert.equal(tellings, Math.ceil(Math.log2(members + 1)));
  }
});

Deno.test("news are told three times as often as an epidemic needs, and then no more", () => {
  for (const members of [1, 6, 50, 1000]) {
    const news = new MemberNews(KEEP_MS);
    news.add(record("ada"), 0);
    assert.equal(countTellings(news, members, KEEP_MS), 3 * epidemicTellings(members));
    assert.equal(news.size, 0);
  }
});

Deno.test("however often it was told, it is told for a while", () => {
  const news = new MemberNews(KEEP_MS);
  news.add(record("ada"), 0);
  for (let i = 0; i < 1000; i++) assert.equal(news.take(6, KEEP_MS - 1).length, 1);
  assert.equal(news.take(6, KEEP_MS).length, 1);
  assert.equal(news.size, 0);
});

Deno.test("what was told least often goes first, and no more than fit", () => {
  const news = new MemberNews(KEEP_MS);
  news.add(record("ada"), 0);
  news.take(6, 0);
  for (let i = 0; i < MAX_NEWS; i++) news.add(record(`n${i}`), 0);
  assert.equal(names(news.take(6, 0)), "n0 n1 n2 n3 n4 n5 n6 n7");
  assert.equal(names(news.take(6, 0)), "ada n0 n1 n2 n3 n4 n5 n6");
  assert.equal(names(news.take(6, 0)), "n7 ada n0 n1 n2 n3 n4 n5");
});

Deno.test("news of a node replace those before, and are told from the beginning", () => {
  const news = new MemberNews(KEEP_MS);
  news.add(record("ada", 1), 0);
  for (let i = 0; i < 5; i++) news.take(6, 0);
  news.add(record("ada", 2), 0);
  assert.equal(news.size, 1);
  assert.deepEqual(news.take(6, 0), [record("ada", 2)]);
  assert.equal(countTellings(news, 6, KEEP_MS), 3 * epidemicTellings(6) - 1);
});

Deno.test("news are urgent until they were told twice as often as an epidemic needs", () => {
  const news = new MemberNews(KEEP_MS);
  assert.equal(news.isUrgent(50), false);
  news.add(record("ada"), 0);
  for (let told = 0; told < 2 * epidemicTellings(50); told++) {
    assert.equal(news.isUrgent(50), true);
    news.take(50, 0);
  }
  assert.equal(news.isUrgent(50), false);
  assert.equal(news.size, 1);
});

Deno.test("what is for the next envelope goes there, once, and is not told to others", () => {
  const news = new MemberNews(KEEP_MS);
  for (let i = 0; i < MAX_NEWS; i++) news.add(record(`n${i}`), 0);
  news.addNext(record("ada"));
  assert.equal(names(news.take(6, 0)), "ada n0 n1 n2 n3 n4 n5 n6");
  assert.equal(names(news.take(6, 0)), "n7 n0 n1 n2 n3 n4 n5 n6");
  for (let i = 0; i < 20; i++) news.addNext(record("ada"));
  assert.equal(news.take(6, 0).length, MAX_NEWS);
  assert.equal(news.size, MAX_NEWS);
});

Deno.test("when too much comes at once, what was told most often is told no more", () => {
  const news = new MemberNews(KEEP_MS);
  news.add(record("ada"), 0);
  news.take(6, 0);
  news.add(record("ben"), 0);
  for (let i = 2; i < MAX_QUEUED; i++) news.add(record(`n${i}`), 0);
  news.add(record("cyd"), 0);
  assert.equal(news.size, MAX_QUEUED);
  const told = Array.from({ length: MAX_QUEUED / MAX_NEWS }, () => names(news.take(6, 0)));
  assert.equal(told[0], "ben n2 n3 n4 n5 n6 n7 n8");
  assert.ok(told.at(-1)!.endsWith(" cyd"));
  assert.ok(!told.join(" ").includes("ada"));
});
