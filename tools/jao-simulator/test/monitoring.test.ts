import { expect, test } from 'vitest';
import { z } from 'zod';

import { simulate } from './simulate.ts';

const schema = z.strictObject({
  data: z.array(
    z.strictObject({
      page: z.string(),
      status: z.enum(['Received', 'Expected', 'Pending']),
      businessDayUtc: z.iso.datetime(),
      deadline: z.iso.datetime(),
      lastModifiedOn: z.iso.datetime().nullable(),
    }),
  ),
  rejected: z.literal(false),
  messages: z.null(),
});

async function readPages(origin: string, region: string, from: string, to: string) {
  const response = await fetch(
    `${origin}/${region}/api/system/monitoring?FromUtc=${from}&ToUtc=${to}`,
  );
  return schema.parse(await response.json()).data;
}

test('the monitoring page says which pages of a business day have come in', async () => {
  const simulator = await simulate({ nowMs: Date.parse('2026-11-20T09:29:00Z') });
  const day = ['2026-11-20T23:00:00.000Z', '2026-11-21T23:00:00.000Z'] as const;
  const find = async () => {
    const pages = await readPages(simulator.url, 'core', ...day);
    expect(pages).toHaveLength(28);
    return pages.find(({ page }) => page === 'Max Exchanges (MaxBex)');
  };
  expect(await find()).toEqual({
    page: 'Max Exchanges (MaxBex)',
    status: 'Expected',
    businessDayUtc: '2026-11-20T23:00:00Z',
    deadline: '2026-11-20T09:30:00Z',
    lastModifiedOn: null,
  });
  simulator.clock.advance(60_000);
  expect(await find()).toMatchObject({
    status: 'Received',
    lastModifiedOn: '2026-11-20T09:30:00Z',
  });
  simulator.postpone('core/maxExchanges', '2026-11-21', null);
  expect(await find()).toMatchObject({ status: 'Pending', lastModifiedOn: null });
});

test('two business days have two rows for each page, and a part of a day none', async () => {
  const simulator = await simulate();
  const two = await readPages(
    simulator.url,
    'nordic',
    '2026-04-19T22:00:00.000Z',
    '2026-04-21T22:00:00.000Z',
  );
  expect(two.map(({ businessDayUtc }) => businessDayUtc)).toEqual([
    '2026-04-19T22:00:00Z',
    '2026-04-20T22:00:00Z',
  ]);
  expect(
    await readPages(simulator.url, 'core', '2026-04-20T00:00:00.000Z', '2026-04-20T12:00:00.000Z'),
  ).toEqual([]);
});
