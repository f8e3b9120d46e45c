import { exitCodes, quarantineDecisionReportSchema } from '@sluice/schemas';
import type { QuarantineDecisionReport } from '@sluice/schemas';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { expect } from 'vitest';

import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';

/** A context for a command on a database of a test, on 1 February 2026. */
export function contextOn(database: TestDatabase): FakeContext {
  return fakeContext({
    flags: { databaseUrl: database.url('worker') },
    now: () => new Date('2026-02-01T12:00:00Z'),
  });
}

/** Discards entries of quarantine, as a person does. */
export async function discardEntries(
  database: TestDatabase,
  options: Pick<DecideCommandOptions, 'reason'> & Partial<DecideCommandOptions>,
): Promise<QuarantineDecisionReport> {
  const context = contextOn(database);
  const given = { args: [], ...options, format: 'json' } as const;
  expect(await discardCommand(context, given), context.said()).toBe(exitCodes.done);
  return quarantineDecisionReportSchema.parse(JSON.parse(context.printed()));
}

/** Expects that `verify` finds nothing wrong. */
export async function expectVerified(database: TestDatabase): Promise<void> {
  const context = contextOn(database);
  expect(await verifyCommand(context, { format: 'table' }), context.printed()).toBe(exitCodes.done);
}
