import { checksOf, isAboutWholeTable } from './checks-of.ts';
import type { CheckOverride, CheckOverrides, LevelForm } from './check-overrides.ts';
import { levelForms } from './check-overrides.ts';
import type { Expectation, ExpectationKind, ExpectationSuite } from './expectation.ts';
import { findContradiction } from './find-contradiction.ts';
import type { CheckedPart, MissingSeverity } from './row-expectations.ts';
import { isTimeMeasure } from './time-measure.ts';
import type { TableExpectation } from './table-expectations.ts';
import type { TableShape } from './table-shape.ts';

type Missing = Extract<Expectation, { kind: 'missing' }>;
type Levels = Exclude<CheckOverride, { off: true }>;
type LevelOf = Levels['error'];
type Level = NonNullable<LevelOf>;

/** The parts of a `missing` by the end of their checks' ids, as `expandExpectation` names them. */
const missingParts = {
  missing: 'missing',
  sentinel: 'sentinel',
  expected_missing: 'expectedMissing',
  unexpected: 'unexpected',
} as const;

type PartName = keyof typeof missingParts;

/** What each part is where the declaration leaves it out. */
const partDefaults: Readonly<Record<PartName, MissingSeverity>> = {
  missing: {},
  sentinel: { warn: { count: 0 } },
  expected_missing: 'count_only',
  unexpected: { warn: { count: 0 } },
};

/** What levels of a kind are made of; null: it has none that could be set. */
const formByKind: Readonly<Record<TableExpectation['kind'], LevelForm | null>> = {
  // Of a measure that is a time: `times`.
  aggregate: 'bounds',
  row_count: 'bounds',
  set_equals: null,
  set_contains: null,
  reconcile: 'tolerance',
  same_rows: 'threshold',
  freshness: 'lateness',
  gaps: 'slots',
  schema: null,
  categories: 'bounds',
  spread: 'bounds',
  anomaly: 'deviations',
};
/** Kinds that have nothing to judge by without a level. */
const kindsOfLevels: ReadonlySet<ExpectationKind> = new Set([
  'aggregate',
  'row_count',
  'categories',
  'spread',
  'anomaly',
]);
const partWords: Readonly<Record<CheckedPart, string>> = {
  whole: 'the whole table',
  batch: 'a batch',
  slot: 'a day',
};
const formWords: Readonly<Record<LevelForm, string>> = {
  threshold: '{"count": n} or {"percent": n}, n being 100 at most',
  bounds: '{"min": n, "max": n}, n being a number',
  times: '{"min": t, "max": t}, t being a time such as "2026-04-20T10:30:00"',
  tolerance: '{"absolute": n} or {"percent": n}',
  lateness: '{"maxAgeMs": n} or {"deadline": {"graceMs": n}}',
  slots: '{"count": n}',
  deviations: '{"deviations": n}',
};

/** A suite as a user wants it, and why it can not be so. */
export interface ConfiguredSuite {
  readonly suite: ExpectationSuite;
  /** One sentence each, which begins with the check's id; where there is one, do not run the suite. */
  readonly problems: readonly string[];
}

/** How a suite is run. */
export interface ConfigureOptions {
  /**
   * The part of the dataset that is checked before it is published: an action on a check of another part would
   * follow from nothing, and is a problem. @default each
   */
  readonly auditedPart?: CheckedPart;
}

/** A suite with what a user says of its checks. */
export function configureSuite(
  suite: ExpectationSuite,
  overrides: CheckOverrides,
  { auditedPart }: ConfigureOptions = {},
): ConfiguredSuite {
  const known = suite.expectations.flatMap(checkIds);
  const problems: string[] = [];
  for (const id of Object.keys(overrides)) {
    if (!known.includes(id)) {
      const group = suite.expectations.find((expectation) => expectation.id === id);
      problems.push(
        group === undefined
          ? `${id}: there is no such check of ${suite.dataset}; there are ${known.join(', ')}`
          : `${id}: stands for several checks: ${checkIds(group).join(', ')}`,
      );
    }
  }
  if (auditedPart !== undefined) {
    problems.push(...findLateActions(suite, overrides, auditedPart));
  }
  const expectations = suite.expectations.flatMap((expectation) => {
    const configured =
      expectation.kind === 'missing'
        ? configureMissing(expectation, overrides, problems)
        : configure(suite.shape, expectation, overrides[expectation.id], problems);
    return configured === undefined ? [] : [configured];
  });
  return { suite: { ...suite, expectations }, problems };
}

/** Actions on checks that run only once there is nothing left to hold back. */
function findLateActions(
  suite: ExpectationSuite,
  overrides: CheckOverrides,
  auditedPart: CheckedPart,
): string[] {
  const audited = checksOf(suite, auditedPart).expectations;
  return suite.expectations
    .filter((expectation) => !audited.includes(expectation))
    .flatMap((expectation) => {
      const parts = (expectation.of ?? ['whole']).map((part) => partWords[part]).join(' and ');
      return checkIds(expectation).flatMap((id) => {
        const override = overrides[id];
        const action = override === undefined || 'off' in override ? undefined : override.action;
        return action === undefined || action === 'warn'
          ? []
          : [
              `${id}: action: ${action} is for a check of ${partWords[auditedPart]}, before it is published; ` +
                `this one is of ${parts}, afterwards`,
            ];
      });
    });
}

/** The ids of the checks that an expectation stands for: its own, but for `missing`, whose parts may be off. */
export function checkIds(expectation: Expectation): string[] {
  if (expectation.kind !== 'missing') {
    return [expectation.id];
  }
  const absent: readonly PartName[] = [
    ...(expectation.sentinels.length === 0 ? (['sentinel'] as const) : []),
    ...(expectation.expectedWhen === undefined
      ? (['expected_missing', 'unexpected'] as const)
      : []),
  ];
  return partNames
    .filter((name) => !absent.includes(name) && expectation[missingParts[name]] !== 'off')
    .map((name) => `${expectation.id}.${name}`);
}

const partNames = Object.keys(missingParts) as PartName[]; // the object's own names

function configure(
  shape: TableShape,
  expectation: Exclude<Expectation, Missing>,
  override: CheckOverride | undefined,
  problems: string[],
): Expectation | undefined {
  if (override === undefined) {
    return expectation;
  }
  if ('off' in override) {
    return undefined;
  }
  const { id, kind } = expectation;
  const form = formOf(expectation, shape);
  const found = faults(kind, form, override);
  // Which levels and actions fit the kind was just looked at.
  const configured = merge(expectation, override) as typeof expectation;
  if (found.length === 0) {
    found.push(...inertAction(kind, form, { configured, override }));
    found.push(...levelsMissing(kind, configured));
    found.push(...contradictions(configured));
  }
  problems.push(...found.map((fault) => `${id}: ${fault}`));
  return configured;
}

function configureMissing(
  expectation: Missing,
  overrides: CheckOverrides,
  problems: string[],
): Expectation {
  const parts: Record<string, MissingSeverity> = {};
  for (const name of partNames) {
    const member = missingParts[name];
    const override = overrides[`${expectation.id}.${name}`];
    if (override === undefined) {
      continue;
    }
    if ('off' in override) {
      parts[member] = 'off';
      continue;
    }
    const declared = expectation[member] ?? partDefaults[name];
    const found = faults('not_null', 'threshold', override);
    const severity = merge(
      declared === 'count_only' ? { error: { percent: 100 } } : declared === 'off' ? {} : declared,
      override,
    );
    if (found.length === 0) {
      found.push(...inertAction('not_null', 'threshold', { configured: severity, override }));
      found.push(...contradictions(severity));
    }
    problems.push(...found.map((fault) => `${expectation.id}.${name}: ${fault}`));
    parts[member] = severity;
  }
  return { ...expectation, ...parts };
}

function faults(
  kind: ExpectationKind,
  form: LevelForm | null,
  { warn, error, action }: Levels,
): string[] {
  const found: string[] = [];
  for (const [name, level] of Object.entries({ warn, error })) {
    if (level == null) {
      continue;
    }
    if (form === null) {
      found.push(
        `${name}: a check of kind ${kind} has no levels; it can be off, or have an action`,
      );
    } else if (!levelForms[form].safeParse(level).success) {
      found.push(`${name}: a level of kind ${kind} is ${formWords[form]}`);
    }
  }
  if (action === 'quarantine' && isAboutWholeTable(kind)) {
    found.push(`action: a check of kind ${kind} has no failing rows to quarantine`);
  }
  return found;
}

function formOf(expectation: Expectation, shape: TableShape): LevelForm | null {
  const { kind } = expectation;
  if (kind === 'aggregate' && isTimeMeasure(expectation.measure, shape)) {
    return 'times';
  }
  return isAboutWholeTable(kind) ? formByKind[kind] : 'threshold';
}

/** An action follows from `error` only, where that can be crossed: else the user would wait for it in vain. */
function inertAction(
  kind: ExpectationKind,
  form: LevelForm | null,
  { configured, override: { action } }: { readonly configured: object; readonly override: Levels },
): string[] {
  if (action === undefined || action === 'warn' || form === null) {
    return [];
  }
  const { warn, error } = configured as { readonly warn?: LevelOf; readonly error?: LevelOf }; // of any kind
  if (warn !== undefined && error === undefined) {
    return [`action: ${action} follows from the level "error", and the check has only "warn"`];
  }
  const never = error == null ? undefined : neverCrossed(kind, form, error);
  return never === undefined
    ? []
    : [`action: ${action} follows from the level "error", which ${never}`];
}

/** Why a level can not be crossed, and one that can. */
function neverCrossed(
  kind: ExpectationKind,
  form: LevelForm,
  { percent, min, max }: Level,
): string | undefined {
  if (form === 'threshold' && percent === 100) {
    return 'is {"percent": 100}, and never crossed; {"count": 0} is crossed by the first failing row';
  }
  // Numbers of rows, and distances: none is below 0, as a measure may be.
  const isCount = form === 'bounds' && kind !== 'aggregate';
  return isCount && max === undefined && typeof min === 'number' && min <= 0
    ? `is {"min": ${min}}, and never crossed; {"min": 1} is crossed by less`
    : undefined;
}

function levelsMissing(kind: ExpectationKind, configured: object): string[] {
  const hasLevel = 'warn' in configured || 'error' in configured;
  return hasLevel || !kindsOfLevels.has(kind)
    ? []
    : ['no level is left; {"off": true} switches the check off'];
}

function contradictions(configured: object): string[] {
  const contradiction = findContradiction(configured);
  return contradiction === undefined ? [] : [contradiction];
}

/** Absent: as declared; null: none. */
function merge(declared: object, { warn, error, action }: Levels): object {
  const changed: Record<string, unknown> = { ...declared };
  for (const [name, level] of Object.entries({ warn, error })) {
    if (level === null) {
      Reflect.deleteProperty(changed, name);
    } else if (level !== undefined) {
      changed[name] = level;
    }
  }
  return { ...changed, ...(action === undefined ? {} : { action }) };
}
