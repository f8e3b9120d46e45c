import { heldFrom, roundedMs } from '../store/held-cells.ts';
import type { HeldCell } from '../store/held-cells.ts';
import type { RecordedAttempt } from './recorded-day.ts';

/** A release of cells; without a stamp it is the one that is under way. */
export interface CellRelease {
  /** The stamp of the versions that it stored: an entry is released from then on. */
  readonly knownFromMs: number | undefined;
}

/** The releases of a business day, and what was held back beside them. */
export class CellReleases {
  readonly #held: readonly HeldCell[];
  readonly #releasing: ReadonlySet<number>;
  readonly #stampsMs: number[];

  /** Of cells that were ever held back, and of the ids of entries that are being released. */
  constructor(held: readonly HeldCell[], releasing: ReadonlySet<number>) {
    this.#held = held;
    this.#releasing = releasing;
    const stamps = held.flatMap(({ state, decidedAtMs }) =>
      state === 'released' && decidedAtMs !== null ? [decidedAtMs] : [],
    );
    this.#stampsMs = [...new Set(stamps)].sort((left, right) => left - right);
  }

  /** Those that came before an attempt and were not given yet, oldest first. */
  takeBefore(attempt: RecordedAttempt): CellRelease[] {
    const endedAtMs = attempt.isReleased
      ? (attempt.knownFromMs ?? Number.POSITIVE_INFINITY)
      : attempt.endedAtMs;
    const later = this.#stampsMs.findIndex((stampMs) => stampMs > endedAtMs + roundedMs);
    const count = later === -1 ? this.#stampsMs.length : later;
    return this.#stampsMs.splice(0, count).map((knownFromMs) => ({ knownFromMs }));
  }

  /** All that are left, the one that is under way last. */
  takeRest(): CellRelease[] {
    const past = this.#stampsMs.splice(0).map((knownFromMs) => ({ knownFromMs }));
    return this.#releasing.size === 0 ? past : [...past, { knownFromMs: undefined }];
  }

  /** What is held back from an answer after a release; `attemptId` is the newest attempt before it. */
  heldAfter({ knownFromMs }: CellRelease, attemptId: number): readonly HeldCell[] {
    const endedAtMs = (knownFromMs ?? Number.POSITIVE_INFINITY) - roundedMs;
    const held = heldFrom(this.#held, { attemptId, endedAtMs });
    return knownFromMs === undefined
      ? held.filter(({ quarantineId }) => !this.#releasing.has(quarantineId))
      : held;
  }

  /** The cells that are being released. */
  get releasing(): readonly HeldCell[] {
    return this.#held.filter(({ quarantineId }) => this.#releasing.has(quarantineId));
  }
}
