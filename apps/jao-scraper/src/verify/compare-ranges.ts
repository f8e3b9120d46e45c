import { rangesOfVersions } from '../replay/ranges-of-versions.ts';
import type { DayRecord, DayToVerify } from './day-record.ts';
import type { Findings, Place } from './findings.ts';

/** Compares the ranges that are kept of a day, which coverage is told from, with its versions. */
export function compareRanges(
  { contract, day }: DayToVerify,
  { ranges, versions }: DayRecord,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const kept = namesOf(ranges);
  const told = namesOf(rangesOfVersions(contract, day, versions));
  const missing = [...told].filter((name) => !kept.has(name));
  const wrong = [...kept].filter((name) => !told.has(name));
  const [first] = [
    ...missing.map((name) => `lacks ${name}`),
    ...wrong.map((name) => `has ${name}`),
  ];
  if (first !== undefined) {
    findings.add('days.ranges', place, first, missing.length + wrong.length);
  }
}

function namesOf(history: DayRecord['ranges']): ReadonlySet<string> {
  return new Set(
    history.flatMap(({ knownFromMs, ranges }) =>
      ranges.map(({ keys, state, startMs, endMs, cells, sinceMs }) => {
        const period = [startMs, endMs].map((ms) => new Date(ms).toISOString()).join('/');
        const since = `${String(sinceMs)}, known from ${new Date(knownFromMs).toISOString()}`;
        return `${state} ${period} of ${keys.join(' ')}: ${cells} cells, since ${since}`;
      }),
    ),
  );
}
