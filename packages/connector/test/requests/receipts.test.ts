import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerMessage } from '@quietroom/protocol';
import type { Outcome } from '#src/replies/outcome.js';
import { receiptOf, type Receipt } from '#src/requests/receipts.js';

function answered(raw: string): Outcome {
  return { type: 'answered', message: parseServerMessage(raw), raw };
}

const TAKEN = answered('[DM to bob]: hi');
const OFFLINE = answered("User 'bob' is not online.");
const NO_MEMBER = answered('*** You are not a member of #a ***');
const SILENT: Outcome = { type: 'unanswered', reason: 'no-answer' };
const LOST: Outcome = { type: 'unanswered', reason: 'connection-lost' };

const ROWS: { name: string; outcomes: (Outcome | undefined)[]; receipt: Receipt }[] = [
  { name: 'an echo', outcomes: [TAKEN], receipt: { status: 'accepted', parts: 1, acceptedParts: 1 } },
  {
    name: 'echoes of the lobby and of a room',
    outcomes: [answered('[12:00:00] me: hi'), answered('[12:00:00] [#a] me: hi')],
    receipt: { status: 'accepted', parts: 2, acceptedParts: 2 },
  },
  {
    name: 'a recipient that is offline',
    outcomes: [OFFLINE],
    receipt: { status: 'refused', reason: 'recipient-offline', parts: 1, acceptedParts: 0 },
  },
  {
    name: 'a room that we are not in',
    outcomes: [NO_MEMBER],
    receipt: { status: 'refused', reason: 'not-a-member', parts: 1, acceptedParts: 0 },
  },
  {
    name: 'no answer',
    outcomes: [SILENT],
    receipt: { status: 'unconfirmed', reason: 'no-answer', parts: 1, acceptedParts: 0 },
  },
  {
    name: 'a lost connection',
    outcomes: [LOST],
    receipt: { status: 'unconfirmed', reason: 'connection-lost', parts: 1, acceptedParts: 0 },
  },
  {
    name: 'a recipient that goes offline between the parts',
    outcomes: [TAKEN, OFFLINE, TAKEN],
    receipt: { status: 'refused', reason: 'recipient-offline', parts: 3, acceptedParts: 2 },
  },
  {
    name: 'parts of which one was not answered',
    outcomes: [TAKEN, SILENT],
    receipt: { status: 'unconfirmed', reason: 'no-answer', parts: 2, acceptedParts: 1 },
  },
  {
    name: 'parts that were refused and not answered',
    outcomes: [SILENT, OFFLINE],
    receipt: { status: 'refused', reason: 'recipient-offline', parts: 2, acceptedParts: 0 },
  },
  {
    name: 'parts that failed in several ways, by the first of them',
    outcomes: [SILENT, LOST],
    receipt: { status: 'unconfirmed', reason: 'no-answer', parts: 2, acceptedParts: 0 },
  },
  {
    name: 'a part that never left',
    outcomes: [TAKEN, undefined],
    receipt: { status: 'unconfirmed', reason: 'connection-lost', parts: 2, acceptedParts: 1 },
  },
];

for (const { name, outcomes, receipt } of ROWS) {
  test(`The receipt of ${name}`, () => assert.deepEqual(receiptOf(outcomes), receipt));
}
