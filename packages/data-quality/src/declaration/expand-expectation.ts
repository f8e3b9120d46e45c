import type {
  Condition,
  Expectation,
  MissingSeverity,
  RowSeverity,
} from '@sluice/schemas/expectations';

type MissingExpectation = Extract<Expectation, { kind: 'missing' }>;

/** An expectation that is one check. */
export type Check = Exclude<Expectation, { kind: 'missing' }>;

/** More than all rows: no number of them is too many. */
const countOnly: RowSeverity = { error: { percent: 100 } };

/** The checks that an expectation stands for: itself, but for `missing`. */
export function expandExpectation(expectation: Expectation): Check[] {
  return expectation.kind === 'missing' ? expandMissing(expectation) : [expectation];
}

function expandMissing(expectation: MissingExpectation): Check[] {
  const { id, column, sentinels, expectedWhen, when } = expectation;
  const isSentinel: Condition = { column, in: sentinels };
  const isNoSentinel: Condition[] = sentinels.length === 0 ? [] : [{ not: isSentinel }];
  const isNotExpected: Condition[] = expectedWhen === undefined ? [] : [{ not: expectedWhen }];
  const checkOf = (
    name: string,
    severity: Exclude<MissingSeverity, 'off'>,
    conditions: readonly Condition[],
  ) => ({
    id: `${id}.${name}`,
    ...(expectation.description === undefined ? {} : { description: expectation.description }),
    ...(severity === 'count_only' ? countOnly : severity),
    ...whenAll(when, conditions),
  });
  const {
    missing = {},
    sentinel = { warn: { count: 0 } },
    expectedMissing = 'count_only',
    unexpected = { warn: { count: 0 } },
  } = expectation;
  return [
    ...(missing === 'off'
      ? []
      : [
          {
            ...checkOf('missing', missing, expectedWhen === undefined ? [] : [expectedWhen]),
            kind: 'not_null' as const,
            column,
          },
        ]),
    ...(sentinels.length === 0 || sentinel === 'off'
      ? []
      : [
          {
            ...checkOf('sentinel', sentinel, []),
            kind: 'no_sentinel' as const,
            column,
            values: sentinels,
          },
        ]),
    ...(expectedWhen === undefined || expectedMissing === 'off'
      ? []
      : [
          {
            ...checkOf('expected_missing', expectedMissing, isNotExpected),
            kind: 'not_null' as const,
            column,
          },
        ]),
    ...(expectedWhen === undefined || unexpected === 'off'
      ? []
      : [
          {
            ...checkOf('unexpected', unexpected, [...isNotExpected, ...isNoSentinel]),
            kind: 'null' as const,
            column,
          },
        ]),
  ];
}

function whenAll(
  when: Condition | undefined,
  conditions: readonly Condition[],
): { readonly when?: Condition } {
  const all = [...(when === undefined ? [] : [when]), ...conditions];
  const [only] = all;
  return only === undefined ? {} : { when: all.length === 1 ? only : { all } };
}
