import { dueAtMs, isSuccess } from '@sluice/schemas/jao';
import type { QuarantinedPart } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';

import { readAttempts } from '../replay/recorded-day.ts';
import { withReleasedAnswers } from '../replay/released-answers.ts';
import { replayDay, UnreadablePayload } from '../replay/replay-day.ts';
import type { ReplayStep } from '../replay/replay-day.ts';
import type { ReplayedVersion } from '../replay/day-replay.ts';
import {
  readClockMs,
  readDayRow,
  readKeySets,
  readQuarantine,
  readRanges,
  readVersions,
} from '../replay/stored-record.ts';
import type { QuarantineEntry, StoredVersion } from '../replay/stored-record.ts';
import { compareAttempt } from './compare-attempt.ts';
import { compareDayRow } from './compare-day-row.ts';
import { compareKeySets } from './compare-key-sets.ts';
import { compareQuarantine } from './compare-quarantine.ts';
import { compareRanges } from './compare-ranges.ts';
import { compareNewest, compareVersions, nameOf } from './compare-versions.ts';
import type { DayRecord, DayToVerify, ReplayedDay } from './day-record.ts';
import type { Findings, Place } from './findings.ts';
import { comparePlainly } from './read-plainly.ts';

/** What was compared. */
export interface DayVerified {
  readonly payloads: number;
  readonly cells: number;
}

/** Compares what is stored of a business day with what its payloads say; all in one snapshot. */
export async function verifyDay(
  snapshot: Queryable,
  target: DayToVerify,
  findings: Findings,
): Promise<DayVerified> {
  const { contract, day } = target;
  const place: Place = { dataset: contract.name, businessDay: day };
  const record = await readRecord(snapshot, target);
  checkAsked(target, record, findings, place);
  checkVersions(record, findings, place);
  compareRanges(target, record, { findings, place });
  let payloads = 0;
  let replayed: ReplayedDay;
  try {
    replayed = await replay(snapshot, target, record, {
      findings,
      place,
      onPayload: () => (payloads += 1),
    });
  } catch (error) {
    if (!(error instanceof UnreadablePayload)) {
      throw error;
    }
    findings.add('payloads.readable', place, error.message);
    return { payloads, cells: 0 };
  }
  compare(target, record, replayed, { findings, place });
  return { payloads, cells: record.versions.length };
}

function compare(
  target: DayToVerify,
  record: DayRecord,
  replayed: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const current = target.contract.contractVersion;
  const readBy = record.row?.contractVersion ?? current;
  if (readBy !== current) {
    findings.add('contracts.current', place, `by ${readBy}`);
    return;
  }
  compareDayRow(target, record, replayed, { findings, place });
  // What another contract made of a payload is not known any more; what it says now is.
  const isReadAnew = record.attempts.some(
    ({ payloadHash, contractVersion }) => payloadHash !== null && contractVersion !== current,
  );
  if (isReadAnew) {
    compareNewest(record.versions, replayed, { findings, place });
    return;
  }
  compareVersions(record.versions, replayed, { findings, place });
  compareKeySets(record.keySets, replayed, { findings, place });
  compareQuarantine(record.quarantine.filter(isOfStored), replayed, { findings, place });
  for (const step of replayed.steps) {
    compareAttempt(step, { findings, place });
  }
}

/** A day that a check kept out as a whole is an entry of an attempt that has stored nothing. */
function isOfStored({ reason, seriesKey }: QuarantineEntry): boolean {
  return reason !== 'failed_check' || seriesKey !== null;
}

async function readRecord(
  snapshot: Queryable,
  { contract, datasetId, day }: DayToVerify,
): Promise<DayRecord> {
  return {
    ...(await withReleasedAnswers(
      snapshot,
      { contract, day },
      await readAttempts(snapshot, contract, day),
    )),
    versions: await readVersions(snapshot, contract, { datasetId, day }),
    row: await readDayRow(snapshot, datasetId, day),
    keySets: await readKeySets(snapshot, datasetId, day),
    ranges: await readRanges(snapshot, datasetId, day),
    quarantine: await readQuarantine(snapshot, contract, day),
    clockMs: await readClockMs(snapshot, datasetId),
  };
}

async function replay(
  snapshot: Queryable,
  { contract, day }: DayToVerify,
  { attempts, released: answers }: DayRecord,
  {
    findings,
    place,
    onPayload,
  }: { readonly findings: Findings; readonly place: Place; readonly onPayload: () => void },
): Promise<ReplayedDay> {
  const steps: Pick<ReplayStep, 'attempt' | 'replayed'>[] = [];
  const keySets: { knownFromMs: number | null; keys: readonly string[] }[] = [];
  const versions: (ReplayedVersion & { knownFromMs: number | null })[] = [];
  const releasedParts: QuarantinedPart[] = [];
  const { day: result } = await replayDay(snapshot, {
    contract,
    day,
    attempts,
    released: answers,
    onPayload: ({ attempt, bytes, answered }) => {
      onPayload();
      const [first, ...others] = comparePlainly(contract, bytes, answered);
      if (first !== undefined) {
        const message = `attempt ${attempt.attemptId}: ${first}`;
        findings.add('payloads.parsed', place, message, 1 + others.length);
      }
    },
    onAttempt: ({ attempt, replayed, day: state }) => {
      const { knownFromMs } = attempt;
      steps.push({ attempt, replayed });
      for (const version of replayed.versions) {
        versions.push({ ...version, knownFromMs });
      }
      if (replayed.hasNewKeySet) {
        keySets.push({ knownFromMs, keys: state.keys });
      }
    },
    onRelease: ({ knownFromMs = null, released, day: state }) => {
      versions.push(...released.versions.map((version) => ({ ...version, knownFromMs })));
      releasedParts.push(...released.quarantinedParts);
      if (released.hasNewKeySet) {
        keySets.push({ knownFromMs, keys: state.keys });
      }
    },
  });
  return { day: result, steps, keySets, versions, releasedParts };
}

function checkAsked(
  { contract, day, isWanted, nowMs }: DayToVerify,
  { attempts, row }: DayRecord,
  findings: Findings,
  place: Place,
): void {
  const graceMs = contract.publication.graceMinutes * 60_000;
  if (attempts.some(({ outcome, isReleased }) => isReleased || isSuccess(outcome))) {
    return;
  }
  if (row !== undefined) {
    findings.add('days.recorded', place, `is ${row.state}, and no attempt says so`);
  } else if (isWanted && nowMs > dueAtMs(contract, day) + graceMs) {
    findings.add('days.asked', place, 'has no successful attempt');
  }
}

/** What must hold of versions, whatever the payloads say. */
function checkVersions(
  { attempts, versions, clockMs }: DayRecord,
  findings: Findings,
  place: Place,
): void {
  const known = new Set(attempts.map(({ attemptId }) => attemptId));
  let before: StoredVersion | undefined;
  for (const version of versions) {
    if (!known.has(version.attemptId)) {
      findings.add(
        'versions.attempts',
        place,
        `${nameOf(version)} of attempt ${version.attemptId}`,
      );
    }
    if (clockMs === undefined || version.knownFromMs > clockMs) {
      findings.add('versions.stamped', place, nameOf(version));
    }
    const isSameCell =
      before?.key === version.key && before.deliveryStartMs === version.deliveryStartMs;
    if (isSameCell && before?.value === version.value && before.withdrawn === version.withdrawn) {
      findings.add('versions.neighbours', place, nameOf(version));
    }
    before = version;
  }
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { attemptId, knownFromMs } of attempts) {
    if (knownFromMs !== null && knownFromMs <= newestMs) {
      findings.add('versions.stamped', place, `attempt ${attemptId}`);
    }
    newestMs = Math.max(newestMs, knownFromMs ?? newestMs);
  }
}
