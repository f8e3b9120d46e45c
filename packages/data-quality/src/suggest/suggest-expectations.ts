import { steadyCalendar } from '@sluice/schemas/expectations';
import type {
  Condition,
  ExpectationSuite,
  QualityResult,
  RelationName,
  Suggestion,
  TableProfile,
} from '@sluice/schemas/expectations';
import { randomUUID } from 'node:crypto';

import type { QualityEngine } from '../engine/engine.ts';
import { runChecks } from '../run/run-checks.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';
import { coveredBy } from './covered-by.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { proposeDistribution } from './propose-distribution.ts';
import { proposeMissing } from './propose-missing.ts';
import { proposeRelations } from './propose-relations.ts';
import { proposeValues } from './propose-values.ts';
import { calendarOf, proposeVolume } from './propose-volume.ts';

const dayMs = 86_400_000;
const examplesShown = 5;

/** What is suggested for, and where the rows are that say so. */
export interface SuggestOptions {
  readonly engine: QualityEngine;
  readonly relation: RelationName;
  /** As the profile was made. @default all rows */
  readonly scope?: Condition | undefined;
  /** What is expected already; its shape is what the profile is of. */
  readonly suite: ExpectationSuite;
  readonly profile: TableProfile;
  /** Columns that the contract lets no null into. @default none */
  readonly neverNull?: readonly string[] | undefined;
  /** What ids begin with. @default the last part of the dataset's name */
  readonly idPrefix?: string | undefined;
}

/**
 * Expectations that the data itself suggests, in the order of the columns. Each was run over the rows of
 * the profile as it would be run later: its thresholds are from the exceptions that were found. What has
 * more of them than chance may let pass is left out; so is what too few rows speak for.
 *
 * @throws what the engine throws.
 */
export async function suggestExpectations(options: SuggestOptions): Promise<Suggestion[]> {
  const { suite, profile } = options;
  const idPrefix = options.idPrefix ?? suite.dataset.split('/').at(-1) ?? suite.dataset;
  const isPart = options.scope !== undefined;
  const candidates = proposeExpectations({ profile, idPrefix, isPart });
  const results = await testCandidates(options, candidates);
  const profiled = new Set(profile.columns.map(({ name }) => name));
  return candidates.flatMap((candidate) => {
    const { id } = candidate.expectation;
    const own = results.filter(({ checkId }) => checkId === id || checkId.startsWith(`${id}.`));
    const judged = judgeCandidate(candidate, own);
    if (judged === undefined) {
      return [];
    }
    const { expectation } = judged;
    const isOfContract =
      expectation.kind === 'not_null' && options.neverNull?.includes(expectation.column) === true;
    return {
      ...judged,
      examples: judged.examples.slice(0, examplesShown),
      existing: coveredBy(suite, expectation, profiled) ?? (isOfContract ? 'contract' : null),
    };
  });
}

/** What a profile brings to mind, each thing once. */
export function proposeExpectations(read: ProfileToRead): Candidate[] {
  const candidates = [
    ...proposeMissing(read),
    ...proposeValues(read),
    ...proposeRelations(read),
    ...proposeVolume(read),
    ...proposeDistribution(read),
  ];
  const ids = new Map<string, number>();
  return candidates.map((candidate) => {
    const { id } = candidate.expectation;
    const seen = (ids.get(id) ?? 0) + 1;
    ids.set(id, seen);
    // Names that differ in their signs only, such as a-b and a_b.
    return seen === 1
      ? candidate
      : { ...candidate, expectation: { ...candidate.expectation, id: `${id}.${seen}` } };
  });
}

/** As of the newest day: the data at hand is judged, and not how long ago it came. */
async function testCandidates(
  { engine, relation, scope, suite, profile }: SuggestOptions,
  candidates: readonly Candidate[],
): Promise<QualityResult[]> {
  const days = calendarOf(profile);
  return runChecks({
    engine,
    relation,
    scope,
    suite: {
      dataset: suite.dataset,
      shape: suite.shape,
      expectations: candidates.map(({ expectation }) => expectation),
    },
    runId: randomUUID(),
    now: days === undefined ? new Date(0) : new Date(days.lastMs + dayMs),
    calendar: days && steadyCalendar({ firstMs: days.firstMs, stepMs: days.stepMs, dueAfterMs: 0 }),
    keyLimit: examplesShown,
  });
}
