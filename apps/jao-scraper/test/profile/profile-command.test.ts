import { runChecks } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import { startJaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { seriesProfilesSchema } from '@sluice/schemas/expectations';
import type { Expectation } from '@sluice/schemas/expectations';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { profileCommand } from '../../src/profile/profile-command.ts';
import type { ProfileOptions } from '../../src/profile/profile-command.ts';
import { fakeContext } from '../fake-context.ts';
import { createJaoDatabase } from '../store/test-database.ts';

const now = new Date('2026-07-01T12:00:00Z');
const days = { from: '2026-06-09', to: '2026-06-12' } as const;
const cells = 24 * (2 * 132 + 2 * 150);
let database: TestDatabase;
let close = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  const simulator = await startJaoSimulator({ nowMs: now.getTime(), jitterMinutes: 0 });
  database = await createJaoDatabase();
  close = () => simulator.close();
  const context = fakeContext({
    now: () => now,
    flags: {
      databaseUrl: database.url('worker'),
      baseUrl: simulator.url,
      requestsPerMinute: '0',
    },
  });
  await backfillCommand(context, { format: 'json', ...days });
});

afterAll(() => close());

async function profile(options: Partial<ProfileOptions> = {}) {
  const context = fakeContext({ now: () => now, flags: { databaseUrl: database.url('reader') } });
  const exitCode = await profileCommand(context, { format: 'json', ...days, ...options });
  return { exitCode, printed: context.printed(), said: context.said() };
}

describe('profile', () => {
  test('has a row for each column, and one for each group of keys', async () => {
    const { exitCode, printed } = await profile();
    expect(exitCode).toBe(exitCodes.done);
    const document: unknown = JSON.parse(printed);
    const [found] = seriesProfilesSchema.parse(document);
    expect(seriesProfilesSchema.parse(document)).toEqual(document);
    expect(found).toMatchObject({ dataset: 'core/maxExchanges', ...days, rows: cells });
    expect(found?.suggestions).toBeUndefined();
    expect(found?.columns.map(({ name }) => name)).toEqual([
      ...['key', 'unit', 'delivery_start', 'delivery_end', 'business_day', 'value', 'known_from'],
      ...['revision', 'vintage'],
    ]);
    const column = (name: string) => found?.columns.find((item) => item.name === name);
    expect(column('key')).toMatchObject({ filled: cells, distinct: 150 });
    expect(column('delivery_start')).toMatchObject({
      distinct: 96,
      min: '2026-06-08T22:00:00Z',
      steps: [{ step: 3_600_000, times: 95 }],
    });
    expect(found?.groups).toEqual([
      expect.objectContaining({
        group: 'border',
        keys: 150,
        rows: cells,
        nulls: 0,
        sentinelShare: 0,
        keysPerDay: { min: 132, max: 150 },
        first: '2026-06-08T22:00:00Z',
        last: '2026-06-12T21:00:00Z',
      }),
    ]);
  });

  test('suggests what to expect, and all of it holds', { timeout: 120_000 }, async () => {
    const { printed } = await profile({ suggest: true });
    const [found] = seriesProfilesSchema.parse(JSON.parse(printed));
    const suggestions = found?.suggestions ?? [];
    const declared = suggestions.map(({ expectation }) => expectation);
    expect(declared).toEqual(
      expect.arrayContaining([
        {
          id: 'maxExchanges.key.delivery_start.unique',
          kind: 'unique',
          columns: ['key', 'delivery_start'],
          warn: { count: 0 },
        },
        {
          id: 'maxExchanges.delivery_start.no_holes',
          kind: 'sequence',
          column: 'delivery_start',
          step: 'hour',
          warn: { count: 0 },
        },
        expect.objectContaining({ id: 'maxExchanges.key.form', kind: 'pattern' }),
        expect.objectContaining({ id: 'maxExchanges.value.range', kind: 'range', min: 0 }),
        expect.objectContaining({ id: 'maxExchanges.value.spread', kind: 'spread' }),
      ]),
    );
    const existing = (id: string) =>
      suggestions.find(({ expectation }) => expectation.id === id)?.existing;
    expect(existing('maxExchanges.key.delivery_start.unique')).toBe('cells.unique');
    expect(existing('maxExchanges.key.form')).toBe('cells.key.form');
    const isOfContract = ({ existing }: { readonly existing: string | null }) =>
      existing === 'contract';
    expect(suggestions.filter(isOfContract)).toHaveLength(5);
    const ids = declared.map(({ id }) => id).join(' ');
    expect(ids).not.toMatch(/known_from|revision|vintage|unit\.known|start\.range|\.rows/);
    const db = await openAs(database, 'reader');
    onTestFinished(() => db.close());
    const results = await runChecks({
      engine: postgresEngine(db),
      relation: { schema: 'jao', table: 'latest' },
      suite: {
        dataset: 'core/maxExchanges',
        shape: {
          columns: {
            ...{ key: 'text', unit: 'text', delivery_start: 'instant', delivery_end: 'instant' },
            ...{ business_day: 'date', value: 'double', known_from: 'instant' },
            ...{ revision: 'integer', vintage: 'text' },
          },
          key: ['key', 'delivery_start'],
        },
        expectations: declared as unknown as Expectation[], // as they were printed
      },
      runId: '01890000-0000-7000-8000-000000000000',
      now: new Date('2026-06-13T00:00:00Z'),
    });
    expect(results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')).toEqual(
      [],
    );
  });

  test('prints tables and declarations for people', { timeout: 120_000 }, async () => {
    const { printed } = await profile({ format: 'table', suggest: true });
    expect(printed).toContain('core/maxExchanges, 2026-06-09 to 2026-06-12: ');
    expect(printed).toContain('132 to 150');
    expect(printed).toContain("\n  id: 'maxExchanges.value.spread',\n");
    expect(printed).toMatch(/maxExchanges\.key\.form +│ cells\.key\.form /);
  });

  test('says that there is nothing where there is nothing', async () => {
    const { exitCode, printed, said } = await profile({
      format: 'table',
      suggest: true,
      from: '2026-05-01',
      to: '2026-05-02',
    });
    expect(exitCode).toBe(exitCodes.done);
    expect(printed).toBe('core/maxExchanges, 2026-05-01 to 2026-05-02: 0 values\n');
    expect(said).toContain('see jao-scraper coverage');
  });
});
