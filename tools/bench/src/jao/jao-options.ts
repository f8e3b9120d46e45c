import { z } from 'zod';

import { commonFlags, countSchema, integerSchema, parseFlags } from '../bench-options.ts';
import type { BenchOptions } from '../bench-options.ts';
import { allDays } from './jao-case.ts';
import type { JaoSizes } from './jao-case.ts';

/**
 * Reads the flags of `bench jao` as they were written.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseJaoOptions(
  flags: unknown,
  caseIds: readonly string[],
): BenchOptions<JaoSizes> {
  const schema = z.strictObject({
    days: integerSchema({ most: allDays }).prefault(String(allDays)),
    versions: countSchema({ least: 10e3, most: 100e6 }).prefault('20M'),
    cells: countSchema({ least: 10e3, most: 100e6 }).prefault('26M'),
    attempts: countSchema({ least: 1e3, most: 10e6 }).prefault('100k'),
    ...commonFlags(caseIds),
  });
  const { days, versions, cells, attempts, only, keep, ...common } = parseFlags(schema, flags);
  return { sizes: { days, versions, cells, attempts }, only, keeps: keep, ...common };
}
