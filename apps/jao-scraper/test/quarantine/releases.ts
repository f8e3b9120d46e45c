import { exitCodes, quarantineDecisionReportSchema } from '@sluice/schemas';
import type { QuarantineDecisionReport } from '@sluice/schemas';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { expect } from 'vitest';
import { z } from 'zod';

import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { contextOn } from '../store/commands.ts';

/** Why, where a test does not say it. */
export const releaseReason = 'so much was exchanged';

/** Releases entries, as anna. */
export async function releaseEntries(
  database: TestDatabase,
  options: Partial<DecideCommandOptions>,
): Promise<QuarantineDecisionReport> {
  const context = contextOn(database);
  const given = {
    args: [],
    reason: releaseReason,
    by: 'anna',
    ...options,
    format: 'json',
  } as const;
  expect(await releaseCommand(context, given), context.said()).toBe(exitCodes.done);
  return quarantineDecisionReportSchema.parse(JSON.parse(context.printed()));
}

/** A release that may be refused. */
export function tryRelease(database: TestDatabase, args: readonly string[]): Promise<unknown> {
  return releaseCommand(contextOn(database), { args, reason: releaseReason, format: 'json' });
}

/** The versions of the first cell of the key `a` of a day in winter, oldest first. */
export async function firstVersions(
  owner: PostgresDatabase,
  day: BusinessDay,
): Promise<(number | null)[]> {
  const rows = await owner.rows(
    z.object({ value: z.number().nullable() }),
    `select o.value from jao.observation o join jao.series s using (series_id)
      where s.key = 'a' and o.delivery_start = $1 order by o.known_from`,
    [`${day}T00:00:00+01:00`],
  );
  return rows.map(({ value }) => value);
}

/** What is stored is what the payloads and the decisions say, and stays so when they are read again. */
export async function expectAgreed(
  database: TestDatabase,
  from: BusinessDay,
  to = from,
): Promise<void> {
  for (const time of ['before', 'after'] as const) {
    const context = contextOn(database);
    const verified = await verifyCommand(context, { format: 'table', from, to });
    expect(verified, `${time} reparse: ${context.printed()}`).toBe(exitCodes.done);
    const reparsed = contextOn(database);
    await reparseCommand(reparsed, { format: 'json' });
    expect(JSON.parse(reparsed.printed())).toMatchObject({
      datasets: [{ versions: { rebuilt: 0, corrected: 0 }, quarantine: { replayed: 0, added: 0 } }],
    });
  }
}
