import { CommandError } from '@sluice/command-line';
import { PostgresError } from '@sluice/warehouse/postgres';
import { expect, test } from 'vitest';

import { classifyError } from '../src/classify-error.ts';

test.each([
  ['a database that nobody answers for', new PostgresError('UNREACHABLE', 'x'), 4],
  ['a lock that is held', new PostgresError('LOCK_TIMEOUT', 'x'), 4],
  ['a URL that can not be used', new PostgresError('CONFIGURATION', 'x'), 2],
  ['a full disk', new PostgresError('DISK_FULL', 'x'), 1],
])('%s is expected', (_, error, exitCode) => {
  expect(classifyError(error)).toEqual({ exitCode });
});

test('a denial keeps its lines, which hold what an administrator runs', () => {
  expect(classifyError(new PostgresError('DENIED', 'x'))).toEqual({ exitCode: 1, hasLines: true });
});

test('a denial by Postgres itself comes with advice', () => {
  const error = new PostgresError('DENIED', 'select 1: permission denied for schema ops');
  expect(classifyError(error)?.advice).toMatch(/database grant .* --role .*worker.*owner/s);
});

test.each([
  ['a wrong statement', new PostgresError('SQL', 'x')],
  ['what Postgres calls a fault of its own', new PostgresError('INTERNAL', 'x')],
  ['an error of no database', new CommandError('x')],
  ['no error', 'x'],
])('%s is not', (_, error) => {
  expect(classifyError(error)).toBeUndefined();
});
