import { voteTypes } from '@sluice/schemas';
import type { Drift } from '@sluice/schemas';

/** Distinct unknown field names that are counted one by one; a file may hold any number of them. */
const maxDriftValues = 1_000;
const maxDriftValueLength = 200;
const otherFields = '(other fields)';

/** Counts what the contract does not know and what is kept nevertheless. */
export class DriftCounter {
  readonly #votesByType = new Float64Array(32_768);
  readonly #unknownFields = new Map<string, number>();

  countType(type: number): void {
    this.#votesByType[type] = (this.#votesByType[type] ?? 0) + 1;
  }

  countUnknownField(name: string): void {
    const shown = name.slice(0, maxDriftValueLength).toWellFormed();
    const isCounted = this.#unknownFields.has(shown) || this.#unknownFields.size < maxDriftValues;
    const value = isCounted ? shown : otherFields;
    this.#unknownFields.set(value, (this.#unknownFields.get(value) ?? 0) + 1);
  }

  /** Most frequent first within its kind. */
  list(): Drift[] {
    const types: Drift[] = [];
    // A plain loop: each file of a folder of small ones pays for it.
    for (let type = 0; type < this.#votesByType.length; type++) {
      const count = this.#votesByType[type] ?? 0;
      if (count > 0 && !voteTypes.has(type)) {
        types.push({ kind: 'unknown_vote_type', value: String(type), count });
      }
    }
    const fields = [...this.#unknownFields.entries()].map(([value, count]) => ({
      kind: 'unknown_field' as const,
      value,
      count,
    }));
    const byCount = (left: Drift, right: Drift) => right.count - left.count;
    return [...fields.sort(byCount), ...types.sort(byCount)];
  }
}
