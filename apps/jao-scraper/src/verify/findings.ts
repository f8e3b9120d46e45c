import type { CheckResult } from '@sluice/schemas';
import type { BusinessDay, JaoVerifyReport } from '@sluice/schemas/jao';

/** How many differences a report lists, and how many the message of a check names. */
const maxListed = 100;
const maxNamed = 3;

/** The checks of `verify`, each with what must not be. */
export const checkIds = {
  'records.found': 'datasets that nothing is on record of',
  'runs.ended': 'runs that died without saying so',
  'attempts.ended': 'attempts that nobody will end',
  'claims.released': 'claims of runs that are no more',
  'days.asked': 'days that are due, of which no attempt succeeded',
  'days.recorded': 'differences between what a day is said to be and what it is',
  'days.key_sets': 'differences between the keys of a day and those of its answers',
  'days.ranges': 'differences between the ranges that coverage is told from and the versions',
  'key_sets.sound': 'sets of keys that are not what their hash says',
  'payloads.readable': 'payloads that are missing, damaged, or no answer',
  'payloads.parsed': 'cells that were read otherwise than a second parser reads them',
  'attempts.replayed': 'attempts that did otherwise than their payload says',
  'versions.replayed': 'cells whose versions are not those that the payloads give',
  'versions.attempts': 'versions that no successful attempt of their day has brought',
  'versions.neighbours': 'versions that are equal to the one before',
  'versions.stamped': 'stamps that are newer than the clock of their dataset, or out of order',
  'quarantine.recorded': 'differences between quarantine and what the payloads have of it',
  'contracts.current': 'days that were read by an older contract, and not compared; see reparse',
} as const;

/** A member of {@link checkIds}. */
export type CheckId = keyof typeof checkIds;

/** Where a difference is. */
export interface Place {
  readonly dataset: string | null;
  readonly businessDay: BusinessDay | null;
}

/** What `verify` finds: all of it counted, and as much of it kept as a person reads. */
export class Findings {
  readonly #counts = new Map<CheckId, number>();
  readonly #named = new Map<CheckId, string[]>();
  readonly #listed: JaoVerifyReport['differences']['listed'] = [];
  #count = 0;

  /** `times` is how many there are of what the message tells. */
  add(check: CheckId, { dataset, businessDay }: Place, message: string, times = 1): void {
    this.#count += times;
    this.#counts.set(check, (this.#counts.get(check) ?? 0) + times);
    const named = this.#named.get(check) ?? [];
    this.#named.set(check, named);
    if (named.length < maxNamed) {
      named.push([dataset, businessDay, message].filter((part) => part !== null).join(' '));
    }
    if (this.#listed.length < maxListed) {
      this.#listed.push({ check, dataset, businessDay, message });
    }
  }

  get checks(): CheckResult[] {
    const ids: readonly CheckId[] = Object.keys(checkIds).filter(isCheckId);
    return ids.map((id) => {
      const count = this.#counts.get(id) ?? 0;
      const named = this.#named.get(id) ?? [];
      const more = count > named.length ? '; …' : '';
      return {
        id,
        outcome: count === 0 ? 'passed' : 'failed',
        message: `${count} ${checkIds[id]}${count === 0 ? '' : `: ${named.join('; ')}${more}`}`,
      };
    });
  }

  get differences(): JaoVerifyReport['differences'] {
    return { count: this.#count, listed: this.#listed };
  }
}

function isCheckId(id: string): id is CheckId {
  return id in checkIds;
}
