import { describe, expect, test } from 'vitest';

import { checkedParts, checksOf, voteSuite } from '../../src/expectations/index.ts';

const idsOf = (part: (typeof checkedParts)[number]) =>
  checksOf(voteSuite, part).expectations.map(({ id }) => id);

describe('the checks of votes', () => {
  test('that a file is judged by are about its rows, and their number', () => {
    expect(idsOf('batch')).toEqual([
      'votes.type.known',
      'votes.user',
      'votes.bounty',
      'votes.date.site_exists',
      'votes.file.rows',
      'votes.file.volume',
    ]);
  });

  test('of the whole table are about its rows too, and what only the whole can tell', () => {
    expect(idsOf('whole')).toEqual([
      'votes.columns',
      'votes.rows',
      'votes.id.unique',
      'votes.type.known',
      'votes.user',
      'votes.bounty',
      'votes.date.site_exists',
      'votes.date.fresh',
      'votes.date.gaps',
    ]);
  });

  test('are each of some part', () => {
    const all = new Set(checkedParts.flatMap(idsOf));
    expect(all.size).toBe(voteSuite.expectations.length);
  });
});
