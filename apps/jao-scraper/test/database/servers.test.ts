import { startJaoSimulator } from '@sluice/jao-simulator';
import { exitCodes } from '@sluice/schemas';
import { openPostgres } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, startTestServer } from '@sluice/warehouse/postgres-testing';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { backfillCommand } from '../../src/backfill/backfill-command.ts';
import { fakeContext } from '../fake-context.ts';

const oldestVersion = '/usr/lib/postgresql/15/bin';

/** Ours, and the oldest that is promised where the machine has it. */
const servers = [
  ['the embedded version', undefined],
  ...(existsSync(oldestVersion) ? [['Postgres 15', oldestVersion] as const] : []),
] as const;

test.each(servers)('migrations, a backfill and all views work on %s', async (_, binFolder) => {
  const { server, stop } = await startTestServer({ binFolder });
  onTestFinished(stop);
  const database = await createTestDatabase(server);
  const simulator = await startJaoSimulator({ nowMs: Date.UTC(2026, 6, 1, 12), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
  const context = fakeContext({
    flags: {
      databaseUrl: database.url('owner'),
      baseUrl: simulator.url,
      requestsPerMinute: '0',
    },
  });

  const period = { from: '2025-10-25', to: '2025-10-27', dataset: ['core/netPos'] };
  expect(await backfillCommand(context, { ...period, format: 'json' })).toBe(exitCodes.done);

  const reader = await openReader(database.url('reader'));
  const { latest, asOf, wide, day, present } = await reader.row(
    z.record(z.string(), z.number()),
    `select
       (select count(*) from jao.latest) as latest,
       (select count(*) from jao.as_of(jao.horizon('core', 'netPos'))) as "asOf",
       (select count(*) from jao.core_net_pos_wide) as wide,
       (select sum(cells) from jao.day)::int as day,
       (select sum(cells) from jao.coverage
        where region = 'core' and business_day between '2025-10-25' and '2025-10-27' and state = 'present')::int as present`,
  );
  const periods = 4 * (24 + 25 + 24);
  expect(wide).toBe(periods);
  expect(latest).toBeGreaterThan(periods);
  expect([asOf, day, present]).toEqual([latest, latest, latest]);
});

test('TimescaleDB is used where the server has it', async ({ skip }) => {
  const { server, stop } = await startTestServer();
  onTestFinished(stop);
  const database = await createTestDatabase(server);
  const owner = await openReader(database.url('owner'));
  const available = await owner.query(
    `select from pg_available_extensions where name = 'timescaledb'`,
  );
  skip(
    available.length === 0,
    'neither the embedded Postgres nor Debian has TimescaleDB: it can not be had from a registry',
  );
  const simulator = await startJaoSimulator({ nowMs: Date.UTC(2026, 6, 1, 12), jitterMinutes: 0 });
  onTestFinished(() => simulator.close());
  const context = fakeContext({
    flags: {
      databaseUrl: database.url('superuser'),
      baseUrl: simulator.url,
      requestsPerMinute: '0',
    },
    now: () => new Date('2026-07-01T12:00:00Z'),
  });
  const period = { from: '2026-06-09', to: '2026-06-12' };
  expect(await backfillCommand(context, { ...period, format: 'json' })).toBe(exitCodes.done);
  const [hypertable] = await owner.query(
    `select from timescaledb_information.hypertables where hypertable_name = 'observation'`,
  );
  expect(hypertable).toBeDefined();
});

async function openReader(url: string): Promise<PostgresDatabase> {
  const db = await openPostgres({
    url,
    home: '/nonexistent',
    role: 'reader',
    applicationName: 'sluice-test',
    poolSize: 2,
  });
  onTestFinished(() => db.close());
  return db;
}
