import { deliveryStarts, dueAtMs, isSuccess } from '@sluice/schemas/jao';
import type { BusinessDay, CoverageState, DatasetContract } from '@sluice/schemas/jao';

import type { History } from './history.ts';

/** What the model says of one cell. */
export interface CellTruth {
  readonly key: string | null;
  readonly day: BusinessDay;
  readonly deliveryStartMs: number;
  readonly state: CoverageState;
  readonly sinceMs: number | null;
}

/**
 * The state of every cell of some days as it was known at a time, told slowly and plainly: cell by
 * cell, by the words of the vocabulary.
 */
export function tellCells(
  contract: DatasetContract,
  history: History,
  days: readonly BusinessDay[],
  atMs: number,
): CellTruth[] {
  if (history.attempts.length === 0) {
    return [];
  }
  return days.flatMap((day) =>
    expectedKeys(history, day, atMs).flatMap((key) =>
      deliveryStarts(contract, day).map((deliveryStartMs) => ({
        key,
        day,
        deliveryStartMs,
        ...tellCell(contract, history, { key, day, deliveryStartMs, atMs }),
      })),
    ),
  );
}

interface Cell {
  readonly key: string | null;
  readonly day: BusinessDay;
  readonly deliveryStartMs: number;
  readonly atMs: number;
}

function tellCell(
  contract: DatasetContract,
  history: History,
  cell: Cell,
): Pick<CellTruth, 'state' | 'sinceMs'> {
  const { key, day, deliveryStartMs, atMs } = cell;
  const versions = history.versions
    .filter(
      (version) =>
        version.key === key &&
        version.deliveryStartMs === deliveryStartMs &&
        version.knownFromMs <= atMs,
    )
    .toSorted((left, right) => left.knownFromMs - right.knownFromMs);
  const newest = versions.at(-1);
  if (newest !== undefined) {
    if (newest.value === null) {
      const state = newest.withdrawn ? 'withdrawn' : 'unavailable';
      return { state, sinceMs: newest.knownFromMs };
    }
    const lastGap = versions.findLastIndex(({ value }) => value === null);
    return { state: 'present', sinceMs: versions[lastGap + 1]?.knownFromMs ?? null };
  }
  const quarantined = history.quarantine
    .filter(
      (part) =>
        part.day === day &&
        (key === null || part.key === null || part.key === key) &&
        (part.deliveryStartMs === null || part.deliveryStartMs === deliveryStartMs) &&
        part.createdMs <= atMs &&
        (part.decidedMs === null || part.decidedMs > atMs),
    )
    .map(({ createdMs }) => createdMs);
  if (quarantined.length > 0) {
    return { state: 'quarantined', sinceMs: Math.max(...quarantined) };
  }
  return tellAbsent(contract, history, cell);
}

function tellAbsent(
  contract: DatasetContract,
  history: History,
  { day, atMs }: Cell,
): Pick<CellTruth, 'state' | 'sinceMs'> {
  const dueMs = dueAtMs(contract, day);
  const lateUntilMs = dueMs + contract.publication.graceMinutes * 60_000;
  if (atMs < dueMs) {
    return { state: 'not_due', sinceMs: null };
  }
  if (atMs < lateUntilMs) {
    return { state: 'late', sinceMs: dueMs };
  }
  const answers = history.attempts.flatMap((attempt) =>
    attempt.day === day &&
    isSuccess(attempt.outcome) &&
    attempt.endedMs !== undefined &&
    attempt.endedMs > dueMs &&
    attempt.endedMs <= atMs
      ? attempt.endedMs
      : [],
  );
  return answers.length === 0
    ? { state: 'not_collected', sinceMs: lateUntilMs }
    : { state: 'not_provided', sinceMs: Math.max(lateUntilMs, Math.min(...answers)) };
}

function expectedKeys(
  history: History,
  day: BusinessDay,
  atMs: number,
): readonly (string | null)[] {
  const known = history.keySets
    .filter(({ knownFromMs }) => knownFromMs <= atMs)
    .toSorted((left, right) => left.knownFromMs - right.knownFromMs);
  if (known.length === 0) {
    return [null];
  }
  const own = known.filter((set) => set.day === day);
  const before = known.map((set) => set.day).filter((other) => other < day);
  const after = known.map((set) => set.day).filter((other) => other > day);
  const nearest = before.toSorted().at(-1) ?? after.toSorted()[0];
  const sets = own.length > 0 ? own : known.filter((set) => set.day === nearest).slice(-1);
  const everKnown = new Set(known.flatMap(({ keys }) => keys));
  const quarantined = history.quarantine.flatMap((part) =>
    part.day === day &&
    part.key !== null &&
    everKnown.has(part.key) &&
    part.createdMs <= atMs &&
    (part.decidedMs === null || part.decidedMs > atMs)
      ? part.key
      : [],
  );
  return [...new Set([...sets.flatMap(({ keys }) => keys), ...quarantined])];
}
