import type { StoredKeySet } from '../replay/stored-record.ts';
import type { Findings, Place } from './findings.ts';
import type { ReplayedDay } from './day-record.ts';

/** Compares the sets of keys that a day had with those of its answers. */
export function compareKeySets(
  stored: readonly StoredKeySet[],
  replayed: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  const said = stored.map(({ knownFromMs, keys }) => nameOf(knownFromMs, keys));
  const found = replayed.keySets.map(({ knownFromMs, keys }) => nameOf(knownFromMs, keys));
  if (said.join('\n') !== found.join('\n')) {
    const message = `${said.length} sets on record, ${found.length} in the answers, or others`;
    findings.add('days.key_sets', place, message);
  }
}

function nameOf(knownFromMs: number | null, keys: readonly string[]): string {
  return `${String(knownFromMs)} ${keys.toSorted().join(' ')}`;
}
