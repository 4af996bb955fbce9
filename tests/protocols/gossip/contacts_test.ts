import assert from "node:assert/strict";
import { Contacts } from "../../../src/protocols/gossip/contacts.ts";

const BEN = { name: "ben", address: "ben:1" };

/** When somebody is asked, up to a time. */
function questions(contacts: Contacts, untilMs: number): number[] {
  const times: number[] = [];
  while (contacts.deadline <= untilMs) {
    const now = contacts.deadline;
    for (const contact of contacts.take(now)) {
      assert.deepEqual(contact, BEN);
      times.push(now);
    }
  }
  return times;
}

Deno.test("who doesn't answer is asked for ever, less and less often", () => {
  const contacts = new Contacts();
  contacts.add(BEN, Infinity, 0);
  assert.equal(contacts.isAskingBriefly, false);
  const expected = [0, 200, 600, 1400, 3000, 6200, 11_200, 16_200];
  assert.deepEqual(questions(contacts, 20_000), expected);
  assert.equal(questions(contacts, 3_600_000).length, Math.floor((3_600_000 - 16_200) / 5000));
});

Deno.test("who has answered is asked no more", () => {
  const contacts = new Contacts();
  contacts.add(BEN, Infinity, 0);
  questions(contacts, 1000);
  contacts.answered("ben");
  assert.equal(contacts.deadline, Infinity);
});

Deno.test("some are asked a few times at most, unless it becomes more important", () => {
  const contacts = new Contacts();
  contacts.add(BEN, 3, 0);
  assert.equal(contacts.isAskingBriefly, true);
  assert.deepEqual(questions(contacts, 1e6), [0, 200, 600]);
  contacts.add(BEN, Infinity, 0);
  contacts.add(BEN, 3, 0);
  assert.equal(contacts.isAskingBriefly, false);
  assert.equal(questions(contacts, 16_200).length, 8);
});

Deno.test("whom the user has named is asked again when he has gone, and others aren't", () => {
  const contacts = new Contacts();
  contacts.add(BEN, Infinity, 0);
  assert.deepEqual(questions(contacts, 0), [0]);
  contacts.answered("ben");
  contacts.gone("ben", 1000);
  contacts.gone("somebody", 1000);
  assert.deepEqual(questions(contacts, 16_000), [6000, 11_000, 16_000]);
  contacts.answered("ben");
  assert.equal(contacts.deadline, Infinity);
});

Deno.test("who goes while he is asked is asked as before", () => {
  const contacts = new Contacts();
  contacts.add(BEN, 4, 0);
  contacts.take(0);
  contacts.gone("ben", 100);
  assert.equal(contacts.deadline, 200);
});
