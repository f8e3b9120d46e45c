import { dueAtMs, isSuccess } from '@sluice/schemas/jao';

import { stepOfCells } from '../store/day-step.ts';
import type { Findings, Place } from './findings.ts';
import type { DayRecord, DayToVerify, ReplayedDay } from './day-record.ts';

/** The record has when an attempt ended, not when its transaction looked at the clock. */
const sameTimeMs = 60_000;

/** Compares what `jao.dataset_day` says of a day with what its attempts and versions say. */
export function compareDayRow(
  { contract, day }: DayToVerify,
  { attempts, row, versions, keySets }: DayRecord,
  replayed: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const successful = attempts.filter(
    ({ outcome, isReleased }) => isReleased || isSuccess(outcome),
  ).length;
  if (successful === 0) {
    return;
  }
  if (row === undefined) {
    findings.add('days.recorded', place, `has ${successful} successful attempts, and no state`);
    return;
  }
  const { state, isWhole, doubt, lastAttempt, payloadOf, payloadCounts, keys } = replayed.day;
  const newest = newestOf(versions);
  const stamps = [...versions, ...keySets].map(({ knownFromMs }) => knownFromMs);
  const endedAtMs = lastAttempt?.endedAtMs ?? 0;
  const dueMs = dueAtMs(contract, day);
  const isFinished = isWhole && doubt === undefined && endedAtMs > dueMs;
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['state', row.state, state],
    ['whole', row.whole, isWhole],
    ['read', row.read, payloadCounts.read],
    ['duplicate', row.duplicate, payloadCounts.duplicate],
    ['quarantined', row.quarantined, payloadCounts.quarantined],
    ['cells', row.cells, newest.filter(({ withdrawn }) => !withdrawn).length],
    ['attempt', row.attemptId, lastAttempt?.attemptId],
    ['payload', hexOf(row.payloadHash), hexOf(payloadOf?.payloadHash)],
    ...(row.stepMinutes === null
      ? []
      : [['step', row.stepMinutes, stepOfCells(contract, day, newest)] as const]),
    ['doubt', row.isDoubtful, doubt !== undefined],
    ['first stamp', row.firstKnownFromMs, stamps.length === 0 ? null : Math.min(...stamps)],
    ['newest stamp', row.lastKnownFromMs, stamps.length === 0 ? null : Math.max(...stamps)],
    ['keys', (row.keys ?? []).toSorted().join(' '), keys.join(' ')],
    ...(Math.abs(endedAtMs - dueMs) < sameTimeMs
      ? []
      : [['finished', row.finished, isFinished] as const]),
  ];
  for (const [name, said, found] of facts) {
    if (said !== found) {
      findings.add('days.recorded', place, `${name} ${String(said)} instead of ${String(found)}`);
    }
  }
}

function hexOf(hash: Buffer | null | undefined): string | null {
  return hash?.toString('hex') ?? null;
}

/** Versions come in order of key, delivery start and stamp: the last of a cell is its newest. */
function newestOf(versions: DayRecord['versions']): DayRecord['versions'] {
  return versions.filter(({ key, deliveryStartMs }, index) => {
    const next = versions[index + 1];
    return next?.key !== key || next.deliveryStartMs !== deliveryStartMs;
  });
}
