import type {
  Expectation,
  QualityResult,
  RowSeverity,
  Suggestion,
} from '@sluice/schemas/expectations';

import { grouped, groupedOf } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { declarationCode } from './declaration-code.ts';
import { atMostShare, percentAbove } from './wilson.ts';

/** An expectation of rows is suggested where, at 95 %, at most so many of them do not meet it. */
const mostShare = 0.05;
/** What has a hole or a step back in each hundred rows is no sequence. */
const mostShareOfSequences = 0.01;

/** A suggestion, but for whether the suite has it. */
export type Judged = Omit<Suggestion, 'existing'>;

/** What the rows say to a candidate; `undefined` where they do not speak for it. */
export function judgeCandidate(
  candidate: Candidate,
  results: readonly QualityResult[],
): Judged | undefined {
  const { expectation } = candidate;
  if (results.length === 0 || results.some(({ outcome }) => outcome === 'error')) {
    return undefined;
  }
  if (expectation.kind === 'missing') {
    return judgeMissing(candidate, expectation, results);
  }
  const [result] = results;
  if (result === undefined || 'warn' in expectation || 'error' in expectation) {
    return result && judgeWhole(candidate, result);
  }
  return judgeRows(candidate, result);
}

function judgeRows(
  { expectation, reason, holdsAnyway }: Candidate,
  result: QualityResult,
): Judged | undefined {
  const tested = result.tested ?? 0;
  const exceptions = result.failing ?? 0;
  const share = atMostShare(exceptions, tested);
  const isBrokenSequence = expectation.kind === 'sequence' && exceptions > 0;
  const allowed = isBrokenSequence ? mostShareOfSequences : mostShare;
  const isEnough = atMostShare(0, tested) <= mostShare;
  if (!isEnough || (share > allowed && holdsAnyway !== true)) {
    return undefined;
  }
  const warn =
    expectation.kind === 'gaps' ? { count: exceptions } : severityOf(exceptions, tested).warn;
  const withSeverity = { ...expectation, warn } as Expectation; // a kind of thresholds
  return {
    expectation: withSeverity,
    code: declarationCode(withSeverity),
    evidence: `${reason}; ${inWords(exceptions, tested, share)}`,
    ...{ tested, exceptions, atMostPercent: share * 100, examples: result.failingKeys },
  };
}

/** Its bounds are of the profile already: it is not to fail on the rows that it comes from. */
function judgeWhole({ expectation, reason }: Candidate, result: QualityResult): Judged | undefined {
  if (result.outcome !== 'passed' && result.outcome !== 'skipped') {
    return undefined;
  }
  return {
    expectation,
    code: declarationCode(expectation),
    evidence:
      result.observed === null || result.outcome === 'skipped'
        ? reason
        : `${reason}; now ${result.observed}`,
    ...{ tested: result.tested, exceptions: null, atMostPercent: null, examples: [] },
  };
}

/** Each of its four parts has exceptions of its own. */
function judgeMissing(
  { reason }: Candidate,
  expectation: Extract<Expectation, { kind: 'missing' }>,
  results: readonly QualityResult[],
): Judged | undefined {
  const part = (name: string) =>
    results.find(({ checkId }) => checkId === `${expectation.id}.${name}`);
  const [missing, unexpected, sentinel] = [part('missing'), part('unexpected'), part('sentinel')];
  // A value that lacks where one is expected may lack often: that it is there nowhere else is the rule.
  if (
    unexpected === undefined ||
    atMostShare(unexpected.failing ?? 0, unexpected.tested ?? 0) > mostShare
  ) {
    return undefined;
  }
  const severity = (result: QualityResult | undefined): RowSeverity =>
    severityOf(result?.failing ?? 0, result?.tested ?? 0);
  const withSeverity: Expectation = {
    ...expectation,
    missing: severity(missing),
    ...(sentinel === undefined ? {} : { sentinel: severity(sentinel) }),
    unexpected: severity(unexpected),
  };
  const parts = [missing, unexpected].map((result) => ({
    tested: result?.tested ?? 0,
    exceptions: result?.failing ?? 0,
    share: atMostShare(result?.failing ?? 0, result?.tested ?? 0),
  }));
  const words = parts.map(({ tested, exceptions, share }) => inWords(exceptions, tested, share));
  return {
    expectation: withSeverity,
    code: declarationCode(withSeverity),
    evidence: `${reason}; where expected ${words.join('; elsewhere ')}`,
    tested: sum(parts.map(({ tested }) => tested)),
    exceptions: sum(parts.map(({ exceptions }) => exceptions)),
    atMostPercent: Math.max(...parts.map(({ share }) => share)) * 100,
    examples: [missing, unexpected].flatMap((result) => result?.failingKeys ?? []),
  };
}

/** None where none was seen; else not more than what was seen may be by chance. */
function severityOf(
  exceptions: number,
  tested: number,
): { readonly warn: NonNullable<RowSeverity['warn']> } {
  return {
    warn:
      exceptions === 0 ? { count: 0 } : { percent: percentAbove(atMostShare(exceptions, tested)) },
  };
}

function inWords(exceptions: number, tested: number, share: number): string {
  const found = exceptions === 0 ? 'no exception' : groupedOf(exceptions, 'exception');
  return `${found} among ${grouped(tested)}, so at most ${percentAbove(share)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
