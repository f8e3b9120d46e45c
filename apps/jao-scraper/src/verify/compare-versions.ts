import type { StoredVersion } from '../replay/stored-record.ts';
import type { Findings, Place } from './findings.ts';
import type { ReplayedDay } from './day-record.ts';

type ExpectedVersion = ReplayedDay['versions'][number];

interface Sides {
  readonly stored: StoredVersion[];
  readonly expected: ExpectedVersion[];
}

/** Compares every version of every cell: value, withdrawal, attempt, stamp, row id and time of change. */
export function compareVersions(
  stored: readonly StoredVersion[],
  replayed: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  for (const cell of cellsOf(stored, replayed.versions)) {
    const isSame =
      cell.stored.length === cell.expected.length &&
      cell.stored.every((version, index) => isSameVersion(version, cell.expected[index]));
    if (!isSame) {
      findings.add('versions.replayed', place, tell(cell));
    }
  }
}

/** Compares the newest version of every cell with the day as its payloads leave it. */
export function compareNewest(
  stored: readonly StoredVersion[],
  replayed: ReplayedDay,
  { findings, place }: { readonly findings: Findings; readonly place: Place },
): void {
  for (const cell of cellsOf(stored, replayed.versions)) {
    const newest = cell.stored.at(-1);
    const expected = cell.expected.at(-1);
    const isSame =
      (newest?.withdrawn ?? true) === (expected?.withdrawn ?? true) &&
      (newest?.value ?? null) === (expected?.value ?? null);
    if (!isSame) {
      findings.add('versions.replayed', place, tell(cell));
    }
  }
}

function cellsOf(
  stored: readonly StoredVersion[],
  expected: readonly ExpectedVersion[],
): Iterable<Sides> {
  const cells = new Map<string, Sides>();
  const cellOf = ({ key, deliveryStartMs }: Pick<StoredVersion, 'key' | 'deliveryStartMs'>) => {
    const name = `${key} ${String(deliveryStartMs)}`;
    const cell = cells.get(name) ?? { stored: [], expected: [] };
    cells.set(name, cell);
    return cell;
  };
  for (const version of stored) {
    cellOf(version).stored.push(version);
  }
  for (const version of expected) {
    cellOf(version).expected.push(version);
  }
  return cells.values();
}

function isSameVersion(stored: StoredVersion, expected: ExpectedVersion | undefined): boolean {
  return (
    expected !== undefined &&
    stored.value === expected.value &&
    stored.withdrawn === expected.withdrawn &&
    stored.attemptId === expected.attemptId &&
    stored.knownFromMs === expected.knownFromMs &&
    (stored.sourceRowId === null ? null : BigInt(stored.sourceRowId)) === expected.sourceRowId &&
    timeOf(stored.sourceModifiedAt) === timeOf(expected.sourceModifiedAt)
  );
}

/** Postgres writes a blank for the T, and leaves out a fraction's last zeros. */
function timeOf(timestamp: string | null): string | null {
  return (
    timestamp
      ?.replace(' ', 'T')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '') ?? null
  );
}

/** Where a version is, for a person. */
export function nameOf({
  key,
  deliveryStartMs,
}: Pick<StoredVersion, 'key' | 'deliveryStartMs'>): string {
  return `${key} ${new Date(deliveryStartMs).toISOString()}`;
}

function tell({ stored, expected }: Sides): string {
  const [first] = [...stored, ...expected];
  const name = first === undefined ? 'a cell' : nameOf(first);
  const list = (versions: readonly (StoredVersion | ExpectedVersion)[]): string =>
    versions
      .slice(-3)
      .map(({ value, withdrawn, attemptId, knownFromMs }) => {
        const stamp = knownFromMs === null ? 'no stamp' : new Date(knownFromMs).toISOString();
        return `${withdrawn ? 'withdrawn' : String(value)} (attempt ${attemptId}, ${stamp})`;
      })
      .join(', ') || 'nothing';
  return `${name}: stored ${list(stored)}; by its payloads ${list(expected)}`;
}
