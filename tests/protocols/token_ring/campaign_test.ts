import assert from "node:assert/strict";
import { Campaign } from "../../../src/protocols/token_ring/campaign.ts";

function promise(incarnation: number, epoch = 0, sequence = 0, viewNumber = 0) {
  return { incarnation, next: null, last: { epoch, sequence }, viewNumber };
}

Deno.test("a node that votes twice counts once, as what it was at last", () => {
  const campaign = new Campaign(4, { epoch: 3, sequence: 10 }, 2, 0);
  campaign.voted(1, promise(11));
  campaign.voted(1, promise(12));
  assert.equal(campaign.votes, 1);
  assert.deepEqual(campaign.voters, [{ node: 1, incarnation: 12, next: null }]);
});

Deno.test("the new token goes on from the highest sequence and view that anybody knows", () => {
  const campaign = new Campaign(4, { epoch: 3, sequence: 10 }, 2, 0);
  assert.deepEqual([campaign.sequence, campaign.viewNumber], [10, 2]);
  campaign.voted(1, promise(11, 3, 15, 1));
  campaign.voted(2, promise(12, 2, 90, 7));
  campaign.voted(3, promise(13, 3, 12, 3));
  assert.deepEqual([campaign.sequence, campaign.viewNumber], [90, 7]);
});

Deno.test("voters keep what they wish for", () => {
  const campaign = new Campaign(1, { epoch: 0, sequence: 0 }, 0, 0);
  campaign.voted(2, { ...promise(5), next: 0 });
  assert.deepEqual(campaign.voters, [{ node: 2, incarnation: 5, next: 0 }]);
});
