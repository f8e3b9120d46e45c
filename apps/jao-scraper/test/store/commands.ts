import type { TestDatabase } from '@sluice/warehouse/postgres-testing';

import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';

/** A context for a command on a database of a test, on 1 February 2026. */
export function contextOn(database: TestDatabase): FakeContext {
  return fakeContext({
    flags: { databaseUrl: database.url('worker') },
    now: () => new Date('2026-02-01T12:00:00Z'),
  });
}
