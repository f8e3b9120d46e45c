import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { steadyCalendar } from '@sluice/schemas/expectations';

import { CheckContext } from '../compile/check-context.ts';
import { compileCheck } from '../compile/compile-check.ts';
import { QualityError } from '../errors.ts';
import { dialectNames, dialects } from '../sql/dialect.ts';
import { expandExpectation } from './expand-expectation.ts';
import type { Check } from './expand-expectation.ts';

/** A calendar without a slot, so that what needs one is looked at too. */
const anyCalendar = steadyCalendar({ firstMs: 0, stepMs: 1, dueAfterMs: 1 });

/**
 * What is wrong with a suite, one sentence each; nothing where each of its checks compiles for both
 * engines. For the tests of whoever declares one: no engine is asked.
 */
export function findSuiteFaults(suite: ExpectationSuite): string[] {
  const checks = suite.expectations.flatMap(expandExpectation);
  const counts = Map.groupBy(checks, ({ id }) => id);
  const repeated = [...counts]
    .filter(([, { length }]) => length > 1)
    .map(([id, { length }]) => `${id}: ${length} checks have this id`);
  const keyFaults = suite.shape.key.length === 0 ? [`${suite.dataset}: the key has no column`] : [];
  return [...keyFaults, ...repeated, ...checks.flatMap((check) => checkFaults(suite, check))];
}

function checkFaults({ shape }: ExpectationSuite, check: Check): string[] {
  const faults = dialectNames.flatMap((name) => {
    try {
      compileCheck(
        new CheckContext({
          dialect: dialects[name],
          relation: { schema: 'any', table: 'any' },
          shape,
          now: new Date(0),
          calendar: anyCalendar,
        }),
        check,
      );
      return [];
    } catch (cause) {
      if (!(cause instanceof QualityError)) {
        throw cause;
      }
      return [`${check.id}: ${cause.message}`];
    }
  });
  return [...new Set(faults)];
}
