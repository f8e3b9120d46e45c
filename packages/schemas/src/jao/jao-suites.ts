import type { CheckOverrides } from '../expectations/check-overrides.ts';
import { configureSuite } from '../expectations/configure-suite.ts';
import type { ExpectationSuite } from '../expectations/expectation.ts';
import type { RelationName } from '../expectations/table-shape.ts';
import { cellSuite } from './cell-suite.ts';
import type { DatasetContract } from './dataset-contract.ts';
import { daySuite } from './day-suite.ts';

/** What is expected of one relation, of a dataset. */
export interface JaoSuite {
  readonly relation: RelationName;
  readonly suite: ExpectationSuite;
}

/**
 * All that is expected of a dataset: of its cells and of its days. The ids of checks are unique within
 * it. Each suite is about rows of the dataset, within any period of `business_day`.
 */
export function jaoSuites(contract: DatasetContract): readonly JaoSuite[] {
  return [
    { relation: { schema: 'jao', table: 'latest' }, suite: cellSuite(contract) },
    { relation: { schema: 'jao', table: 'day' }, suite: daySuite(contract) },
  ];
}

/**
 * The suites of a dataset with what a user says of its checks, and, one sentence each, why it can not
 * be so: where there is one, do not run them.
 */
export function configureJaoSuites(
  contract: DatasetContract,
  overrides: CheckOverrides,
): { readonly suites: readonly JaoSuite[]; readonly problems: readonly string[] } {
  const suites = jaoSuites(contract);
  const known = suites.flatMap(({ suite }) => suite.expectations.map(({ id }) => id));
  const problems = Object.keys(overrides)
    .filter((id) => !known.includes(id))
    .map(
      (id) => `${id}: there is no such check of ${contract.name}; there are ${known.join(', ')}`,
    );
  for (const [id, override] of Object.entries(overrides)) {
    if (id.startsWith('days.') && 'action' in override && override.action === 'quarantine') {
      problems.push(`${id}: action: it is about whole days; refuse keeps a day out`);
    }
  }
  const configured = suites.map(({ relation, suite }) => {
    const own = Object.entries(overrides).filter(([id]) =>
      suite.expectations.some((expectation) => expectation.id === id),
    );
    const { suite: result, problems: found } = configureSuite(suite, Object.fromEntries(own));
    problems.push(...found);
    return { relation, suite: result };
  });
  return { suites: configured, problems };
}
