import type { ReplayStep } from '../replay/replay-day.ts';
import type { Findings, Place } from './findings.ts';

const counts = [
  'read',
  'added',
  'revised',
  'withdrawn',
  'unchanged',
  'duplicate',
  'quarantined',
] as const;

/** Compares what an attempt is said to have done with what its payload makes of the day. */
export function compareAttempt(
  { attempt, replayed }: Pick<ReplayStep, 'attempt' | 'replayed'>,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const differences = counts
    .filter((name) => attempt[name] !== replayed[name])
    .map((name) => `${name} ${attempt[name]} instead of ${replayed[name]}`);
  if (attempt.outcome !== replayed.outcome) {
    differences.push(`${attempt.outcome} instead of ${replayed.outcome}`);
  }
  const { read, added, revised, unchanged, duplicate, quarantined } = attempt;
  const sum = added + revised + unchanged + duplicate + quarantined;
  if (read !== sum) {
    differences.push(`read ${read} and what became of it ${sum}`);
  }
  const hasStored = replayed.versions.length > 0 || replayed.hasNewKeySet;
  if (hasStored !== (attempt.knownFromMs !== null)) {
    differences.push(hasStored ? 'without a stamp' : 'with a stamp for nothing');
  }
  if (differences.length > 0) {
    const message = `attempt ${attempt.attemptId}: ${differences.join(', ')}`;
    findings.add('attempts.replayed', place, message);
  }
}
