import { markOfEntry, markOfPart } from '../replay/quarantine-mark.ts';
import type { QuarantineEntry } from '../replay/stored-record.ts';
import type { Findings, Place } from './findings.ts';
import type { ReplayedDay } from './day-record.ts';

/** Compares the entries of quarantine of a day, each kind once, with what its payloads have. */
export function compareQuarantine(
  entries: readonly QuarantineEntry[],
  { steps, releasedParts }: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const said = new Set(entries.map(markOfEntry));
  const parts = [...steps.flatMap(({ replayed }) => replayed.quarantinedParts), ...releasedParts];
  const found = new Set(parts.map(markOfPart));
  report('not on record', found, said);
  report('in no payload', said, found);

  function report(what: string, marks: ReadonlySet<string>, others: ReadonlySet<string>): void {
    for (const mark of marks) {
      if (!others.has(mark)) {
        findings.add('quarantine.recorded', place, `${what}: ${mark.slice(0, 200)}`);
      }
    }
  }
}
