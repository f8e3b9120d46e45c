import { addDays, deliveryStarts, dueAtMs, isSuccess } from '@sluice/schemas/jao';
import type { BusinessDay, CoverageState, DatasetContract } from '@sluice/schemas/jao';

import { discardReason } from './history.ts';
import type { History } from './history.ts';

/** What the model says of one cell. */
export interface CellTruth {
  readonly key: string | null;
  readonly day: BusinessDay;
  readonly deliveryStartMs: number;
  readonly state: CoverageState;
  readonly sinceMs: number | null;
  readonly reason: string | null;
}

/** What is asked of a history: some days, as they were known at a time. */
export interface Asked {
  readonly days: readonly BusinessDay[];
  readonly atMs: number;
  /** See `jao.dataset.series_ends_after`. */
  readonly endsAfterDays: number;
}

type Verdict = Pick<CellTruth, 'state' | 'sinceMs' | 'reason'>;

/**
 * The state of every cell of some days as it was known at a time, told slowly and plainly: cell by
 * cell, by the words of the vocabulary.
 */
export function tellCells(
  contract: DatasetContract,
  history: History,
  { days, atMs, endsAfterDays }: Asked,
): CellTruth[] {
  if (history.attempts.length === 0) {
    return [];
  }
  const known = knownAt(history, atMs);
  const keys: readonly (string | null)[] =
    known.keySets.length === 0
      ? [null]
      : [...new Set(known.keySets.flatMap((set) => set.keys))].toSorted();
  return days.flatMap((day) =>
    keys.flatMap((key) =>
      deliveryStarts(contract, day).map((deliveryStartMs) => {
        const cell = { key, day, deliveryStartMs, atMs };
        const outside = key === null ? undefined : tellOutside(known, key, day, endsAfterDays);
        const verdict =
          tellStored(known, cell) ??
          outside ??
          tellAbsence(known, cell) ??
          tellQuarantined(contract, known, cell) ??
          withDiscarded(tellByClock(contract, known, cell), known, cell);
        return { key, day, deliveryStartMs, ...verdict };
      }),
    ),
  );
}

interface Cell {
  readonly key: string | null;
  readonly day: BusinessDay;
  readonly deliveryStartMs: number;
  readonly atMs: number;
}

/** A history whose entries of quarantine are numbered, from 1. */
interface Known extends Omit<History, 'quarantine'> {
  readonly quarantine: readonly (History['quarantine'][number] & { readonly number: number })[];
}

/** The part of a history that had happened by then. What ends later has not ended. */
function knownAt(history: History, atMs: number): Known {
  const until = <Ms extends number | null | undefined>(instantMs: Ms) =>
    typeof instantMs === 'number' && instantMs > atMs ? null : instantMs;
  return {
    attempts: history.attempts.filter(({ endedMs }) => endedMs !== undefined && endedMs <= atMs),
    keySets: history.keySets.filter(({ knownFromMs }) => knownFromMs <= atMs),
    versions: history.versions.filter(({ knownFromMs }) => knownFromMs <= atMs),
    quarantine: history.quarantine.flatMap((part, index) =>
      part.createdMs <= atMs
        ? { ...part, decidedMs: until(part.decidedMs), number: index + 1 }
        : [],
    ),
    absences: history.absences.map((absence) => ({
      ...absence,
      recordedMs: absence.recordedMs <= atMs ? absence.recordedMs : Number.NaN,
      withdrawnMs: until(absence.withdrawnMs),
    })),
  };
}

function tellStored(history: Known, { key, deliveryStartMs }: Cell): Verdict | undefined {
  const versions = history.versions
    .filter((version) => version.key === key && version.deliveryStartMs === deliveryStartMs)
    .toSorted((left, right) => left.knownFromMs - right.knownFromMs);
  const newest = versions.at(-1);
  if (newest === undefined) {
    return undefined;
  }
  if (newest.value === null) {
    return newest.withdrawn
      ? {
          state: 'withdrawn',
          sinceMs: newest.knownFromMs,
          reason: 'the source took the value back',
        }
      : { state: 'unavailable', sinceMs: newest.knownFromMs, reason: 'the source gave null' };
  }
  const lastGap = versions.findLastIndex(({ value }) => value === null);
  const sinceMs = versions[lastGap + 1]?.knownFromMs ?? null;
  return { state: 'present', sinceMs, reason: null };
}

/** Before a series begins, or after it has ended. What the source gave is expected nevertheless. */
function tellOutside(
  history: Known,
  key: string,
  day: BusinessDay,
  endsAfterDays: number,
): Verdict | undefined {
  const isGiven = history.quarantine.some(
    (part) => part.day === day && part.key === key && part.decidedMs === null,
  );
  if (isGiven) {
    return undefined;
  }
  const answered = history.keySets;
  const own = answered.filter((set) => set.keys.includes(key));
  const firstDay = own.map((set) => set.day).toSorted()[0] ?? '';
  const lastDay =
    own
      .map((set) => set.day)
      .toSorted()
      .at(-1) ?? '';
  const sinceAll = (...sets: readonly History['keySets'][]): number =>
    Math.max(...sets.map((of) => Math.min(...of.map(({ knownFromMs }) => knownFromMs))));
  const earlier = answered.filter((set) => set.day < firstDay);
  if (day < firstDay && earlier.length > 0) {
    const reason = `the series begins with ${firstDay}`;
    return { state: 'not_expected', sinceMs: sinceAll(own, earlier), reason };
  }
  const muchLater = answered.filter((set) => set.day >= addDays(lastDay, endsAfterDays));
  if (day > lastDay && muchLater.length > 0) {
    const last = own.filter((set) => set.day === lastDay);
    const reason = `the series ended with ${lastDay}`;
    return { state: 'not_expected', sinceMs: sinceAll(last, muchLater), reason };
  }
  return undefined;
}

function tellAbsence(history: Known, cell: Cell): Verdict | undefined {
  const [newest] = history.absences
    .map((absence, index) => ({ ...absence, number: index + 1 }))
    .filter((absence) => isAbout(absence, cell) && absence.withdrawnMs === null)
    .toSorted((left, right) => right.recordedMs - left.recordedMs || right.number - left.number);
  return newest === undefined
    ? undefined
    : {
        state: 'unavailable',
        sinceMs: Math.max(newest.recordedMs, knownSinceMs(history, cell)),
        reason: `absence ${newest.number}: ${newest.reason}`,
      };
}

function isAbout(
  { keys, startMs, endMs, recordedMs }: History['absences'][number],
  { key, deliveryStartMs }: Cell,
): boolean {
  return (
    !Number.isNaN(recordedMs) &&
    startMs <= deliveryStartMs &&
    endMs > deliveryStartMs &&
    (keys === null || (key !== null && keys.includes(key)))
  );
}

function tellQuarantined(
  contract: DatasetContract,
  history: Known,
  cell: Cell,
): Verdict | undefined {
  const [newest] = quarantineOf(history, cell)
    .filter((part) => quarantinedUntilMs(contract, history, cell, part) === null)
    .toSorted((left, right) => right.createdMs - left.createdMs);
  return newest === undefined
    ? undefined
    : {
        state: 'quarantined',
        sinceMs: Math.max(newest.createdMs, absentUntilMs(history, cell)),
        reason: newest.reason,
      };
}

function quarantineOf(history: Known, { key, day, deliveryStartMs }: Cell): Known['quarantine'] {
  return history.quarantine.filter(
    (part) =>
      part.day === day &&
      (key === null || part.key === null || part.key === key) &&
      (part.deliveryStartMs === null || part.deliveryStartMs === deliveryStartMs),
  );
}

/**
 * Until when an entry may be of a cell; null while it may. One that names no cell may be until an answer has
 * come, after the due time, that nothing is wrong with.
 */
function quarantinedUntilMs(
  contract: DatasetContract,
  history: Known,
  cell: Cell,
  { key, deliveryStartMs, createdMs, decidedMs }: History['quarantine'][number],
): number | null {
  const isNamed = key === cell.key && key !== null && deliveryStartMs === cell.deliveryStartMs;
  const soundMs = isNamed
    ? []
    : history.attempts
        .filter(
          ({ day, outcome, quarantined = 0 }) =>
            day === cell.day &&
            isSuccess(outcome) &&
            outcome !== 'empty' &&
            outcome !== 'deferred' &&
            quarantined === 0,
        )
        .flatMap(({ endedMs }) => endedMs ?? [])
        .filter((endedMs) => endedMs > dueAtMs(contract, cell.day) && endedMs > createdMs);
  const untilMs = Math.min(decidedMs ?? Number.POSITIVE_INFINITY, ...soundMs);
  return Number.isFinite(untilMs) ? untilMs : null;
}

function tellByClock(contract: DatasetContract, history: Known, cell: Cell): Verdict {
  const { day, atMs } = cell;
  const dueMs = dueAtMs(contract, day);
  const lateUntilMs = dueMs + contract.publication.graceMinutes * 60_000;
  if (atMs < dueMs) {
    return { state: 'not_due', sinceMs: null, reason: null };
  }
  const attempts = history.attempts.filter((attempt) => attempt.day === day);
  const isInTime = (endedMs: number | undefined): boolean => (endedMs ?? 0) > dueMs;
  const answers = attempts.filter(
    ({ outcome, endedMs }) => isSuccess(outcome) && isInTime(endedMs),
  );
  const otherwiseUntilMs = Math.max(
    knownSinceMs(history, cell),
    absentUntilMs(history, cell),
    ...quarantineOf(history, cell).flatMap(
      (part) => quarantinedUntilMs(contract, history, cell, part) ?? [],
    ),
  );
  const last = attempts.at(-1);
  const lastAttempt =
    last === undefined
      ? 'never asked for'
      : `last attempt: ${last.outcome}${isInTime(last.endedMs) ? '' : ', before it was due'}`;
  if (atMs < lateUntilMs) {
    return { state: 'late', sinceMs: Math.max(dueMs, otherwiseUntilMs), reason: lastAttempt };
  }
  if (answers.length === 0) {
    const sinceMs = Math.max(lateUntilMs, otherwiseUntilMs);
    return { state: 'not_collected', sinceMs, reason: lastAttempt };
  }
  const firstMs = Math.min(...answers.map(({ endedMs }) => endedMs ?? 0));
  const hasOtherKeys =
    cell.key !== null &&
    history.keySets.some((set) => set.day === day) &&
    !history.keySets.some((set) => set.day === day && set.keys.includes(cell.key ?? ''));
  return {
    state: 'not_provided',
    sinceMs: Math.max(lateUntilMs, firstMs, otherwiseUntilMs),
    reason: `last answer: ${answers.at(-1)?.outcome ?? ''}${hasOtherKeys ? ', without the key' : ''}`,
  };
}

/** What the source gave is never to be data, says a person: the cell, or its row. */
function withDiscarded(verdict: Verdict, history: Known, cell: Cell): Verdict {
  const [newest] = quarantineOf(history, cell)
    .filter(({ decidedMs, deliveryStartMs }) => decidedMs !== null && deliveryStartMs !== null)
    .toSorted(
      (left, right) => (right.decidedMs ?? 0) - (left.decidedMs ?? 0) || right.number - left.number,
    );
  if (newest === undefined) {
    return verdict;
  }
  const words = `entry ${newest.number} of quarantine was discarded: ${discardReason}`;
  const reason = verdict.reason === null ? words : `${verdict.reason}; ${words}`;
  return { ...verdict, reason };
}

/** Nothing is said of a day without a cell of its series before the series was seen on another one. */
function knownSinceMs(history: Known, { key, day }: Cell): number {
  const own = history.keySets.filter((set) => key !== null && set.keys.includes(key));
  return own.length === 0 || own.some((set) => set.day === day)
    ? Number.NEGATIVE_INFINITY
    : Math.min(...own.map(({ knownFromMs }) => knownFromMs));
}

function absentUntilMs(history: Known, cell: Cell): number {
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...history.absences
      .filter((absence) => isAbout(absence, cell))
      .flatMap(({ withdrawnMs }) => withdrawnMs ?? []),
  );
}
