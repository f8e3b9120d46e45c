import type { DayTable } from '@sluice/schemas/jao';

import { isSpokenOf } from '../replay/day-replay.ts';
import type { DayReplay, ReplayedVersion } from '../replay/day-replay.ts';
import type { StoredVersion } from '../replay/stored-record.ts';

/** A version that is to be stored; without a stamp it is one that we learn now. */
export interface MissingVersion extends ReplayedVersion {
  readonly knownFromMs: number | undefined;
}

/** A set of keys that is to be noted. */
export interface MissingKeySet {
  readonly keys: readonly string[];
  readonly knownFromMs: number | undefined;
}

type Newest = Pick<ReplayedVersion, 'key' | 'deliveryStartMs' | 'value' | 'withdrawn'>;

/** What is stored of a day, and what is missing from it to be what its payloads say. */
export class MissingVersions {
  readonly versions: MissingVersion[] = [];
  readonly keySets: MissingKeySet[] = [];
  readonly #newest = new Map<string, Newest>();
  #keys: readonly string[];

  /** Of versions in order of cell and stamp, and of the newest keys, in any order. */
  constructor(stored: readonly StoredVersion[], keys: readonly string[]) {
    for (const version of stored) {
      this.#newest.set(nameOf(version), version);
    }
    this.#keys = keys.toSorted();
  }

  /** The newest version of every cell, withdrawn ones included, with all that is missing. */
  get cells(): Iterable<Pick<Newest, 'deliveryStartMs' | 'withdrawn'>> {
    return this.#newest.values();
  }

  /** Cells that are not withdrawn, with all that is missing. */
  get size(): number {
    return [...this.#newest.values()].filter((cell) => !cell.withdrawn).length;
  }

  /** Brings what is stored to the day as it is after an attempt, with its stamp, or now. */
  bringTo(day: DayReplay, knownFromMs: number | undefined): void {
    for (const cells of day.cells.values()) {
      for (const version of cells.values()) {
        const newest = this.#newest.get(nameOf(version));
        const isThere = newest === undefined ? version.withdrawn : isSame(newest, version);
        if (!isThere) {
          this.#newest.set(nameOf(version), version);
          this.versions.push({ ...version, knownFromMs });
        }
      }
    }
    if (day.keys.length > 0 && day.keys.join('\n') !== this.#keys.join('\n')) {
      this.#keys = day.keys;
      this.keySets.push({ keys: day.keys, knownFromMs });
    }
  }

  /**
   * Withdraws, now, what is stored and was never in any payload as it is read now; but not what its last
   * payload has in quarantine.
   */
  withdrawUnknown(day: DayReplay, last: DayTable | undefined, attemptId: number): void {
    for (const [name, { key, deliveryStartMs, withdrawn }] of this.#newest) {
      const isKnown = day.cells.get(key)?.has(deliveryStartMs) === true;
      if (
        withdrawn ||
        isKnown ||
        (last !== undefined && isSpokenOf({ key, deliveryStartMs }, last))
      ) {
        continue;
      }
      const version = {
        key,
        deliveryStartMs,
        value: null,
        withdrawn: true,
        attemptId,
        sourceRowId: null,
        sourceModifiedAt: null,
      };
      this.#newest.set(name, version);
      this.versions.push({ ...version, knownFromMs: undefined });
    }
  }
}

function isSame(left: Newest, right: Newest): boolean {
  return left.value === right.value && left.withdrawn === right.withdrawn;
}

function nameOf({ key, deliveryStartMs }: Pick<Newest, 'key' | 'deliveryStartMs'>): string {
  return `${key}\n${String(deliveryStartMs)}`;
}
