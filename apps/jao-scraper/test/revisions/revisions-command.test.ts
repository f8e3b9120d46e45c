import { revisionRowSchema } from '@sluice/schemas/jao';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { revisionsCommand } from '../../src/revisions/revisions-command.ts';
import type { RevisionsOptions } from '../../src/revisions/revisions-command.ts';
import { emptyHistory } from '../cell-coverage/history.ts';
import type { History } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { fakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
let url = '';

/** Versions of a cell, an hour after each other; `'withdrawn'` takes it back. */
function versionsOf(
  key: string,
  deliveryStart: string,
  known: string,
  values: readonly (number | null | 'withdrawn')[],
): History['versions'] {
  return values.map((value, index) => ({
    key,
    deliveryStartMs: Date.parse(deliveryStart),
    knownFromMs: Date.parse(known) + index * 3_600_000,
    value: value === 'withdrawn' ? null : value,
    withdrawn: value === 'withdrawn',
  }));
}

beforeAll(async () => {
  const { database, owner } = await createDatabaseWith(contract, {
    ...emptyHistory,
    keySets: [
      { day: '2026-03-10', knownFromMs: Date.parse('2026-03-09T10:00:00Z'), keys: ['a', 'b'] },
    ],
    versions: [
      ...versionsOf('a', '2026-03-09T23:00:00Z', '2026-03-09T10:00:00Z', [1.5, 0, 1.5]),
      ...versionsOf('a', '2026-03-10T23:00:00Z', '2026-03-10T10:00:00Z', [
        1,
        null,
        'withdrawn',
        -2,
      ]),
      ...versionsOf('b', '2026-03-09T23:00:00Z', '2026-03-09T10:00:00Z', [7]),
    ],
  });
  await owner.close();
  url = database.url('reader');
});

async function run(options: Partial<RevisionsOptions> = {}) {
  const context = fakeContext({ flags: { databaseUrl: url } });
  const exitCode = await revisionsCommand(context, { format: 'json', ...options });
  return { exitCode, printed: context.printed(), said: context.said() };
}

async function changes(options: Partial<RevisionsOptions>): Promise<string[]> {
  const { printed } = await run(options);
  return z
    .array(revisionRowSchema)
    .parse(JSON.parse(printed))
    .map(({ deliveryStart, revision, oldValue, newValue, withdrawn }) =>
      [
        deliveryStart.slice(8, 13),
        revision,
        oldValue,
        '->',
        withdrawn ? 'withdrawn' : newValue,
      ].join(' '),
    );
}

describe('revisions', () => {
  test('are every version from the second on, in the order in which we learned them', async () => {
    const { exitCode, printed } = await run();
    const document: unknown = JSON.parse(printed);
    expect(z.array(revisionRowSchema).parse(document)).toEqual(document);
    expect(exitCode).toBe(0);
    expect(await changes({})).toEqual([
      '09T23 2 1.5 -> 0',
      '09T23 3 0 -> 1.5',
      '10T23 2 1 -> ',
      '10T23 3  -> withdrawn',
      '10T23 4  -> -2',
    ]);
  });

  test('can be asked for by when we learned them, the end excluded', async () => {
    expect(
      await changes({ since: '2026-03-09T12:00:00Z', until: '2026-03-10T13:00:00+01:00' }),
    ).toEqual(['09T23 3 0 -> 1.5', '10T23 2 1 -> ']);
  });

  test('can be asked for by what they are about, both days included', async () => {
    expect(await changes({ from: '2026-03-11' })).toHaveLength(3);
    expect(await changes({ to: '2026-03-10' })).toHaveLength(2);
    expect(await changes({ from: '2026-03-10', to: '2026-03-11', key: ['a'] })).toHaveLength(5);
  });

  test('of a key that never changed are an empty document, and a line that says so', async () => {
    const csv = await run({ key: ['b'], format: 'csv' });
    expect(csv.printed).toBe(
      'region,dataset,key,delivery_start,revision,old_value,new_value,withdrawn,known_from\n',
    );
    expect(csv.said).toBe('jao-scraper: nothing that was asked for was revised\n');
    expect((await run({ key: ['b'] })).printed).toBe('[]\n');
  });

  test('in CSV a null is an empty cell, and a negative number no formula', async () => {
    const { printed } = await run({ from: '2026-03-11', format: 'csv' });
    expect(printed.trimEnd().split('\n').slice(1)).toEqual([
      'core,maxExchanges,a,2026-03-10T23:00:00.000Z,2,1,,false,2026-03-10T11:00:00.000Z',
      'core,maxExchanges,a,2026-03-10T23:00:00.000Z,3,,,true,2026-03-10T12:00:00.000Z',
      'core,maxExchanges,a,2026-03-10T23:00:00.000Z,4,,-2,false,2026-03-10T13:00:00.000Z',
    ]);
  });

  test.each([
    [{ since: '2026-03-10' }, /--since: "2026-03-10" is no instant/],
    [{ since: '2026-03-10T00:00Z', until: '2026-03-10T01:00+01:00' }, /is not before --until/],
    [{ from: '10.03.2026' }, /--from: "10.03.2026" is no business day/],
    [{ from: '2026-03-11', to: '2026-03-10' }, /is after --to/],
  ])('%j is refused', async (options, message) => {
    await expect(run(options)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string }),
    );
  });
});
