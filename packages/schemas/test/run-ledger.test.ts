import { expect, test } from 'vitest';

import { addTotals, totalsAreBalanced, zeroTotals } from '../src/run-ledger.ts';

test('totals are balanced only when every record read is accounted for once', () => {
  const totals = {
    read: 15,
    accepted: 5,
    duplicate: 4,
    conflicting: 3,
    quarantined: 2,
    refused: 1,
  };
  expect(totalsAreBalanced(totals)).toBe(true);
  expect(totalsAreBalanced(addTotals(totals, totals))).toBe(true);
  expect(totalsAreBalanced(addTotals(totals, zeroTotals))).toBe(true);
  expect(totalsAreBalanced({ ...totals, read: 16 })).toBe(false);
});
