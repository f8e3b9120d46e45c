import type { BusinessDay, DatasetContract, QuarantinedPart } from '@sluice/schemas/jao';

import type { DayReplay, ReplayedVersion } from '../replay/day-replay.ts';
import type { RecordedAttempt } from '../replay/recorded-day.ts';
import type { ReleasedAnswer } from '../replay/released-answers.ts';
import type { RangesOfStamp } from '../replay/ranges-of-versions.ts';
import type { ReplayStep } from '../replay/replay-day.ts';
import type {
  QuarantineEntry,
  StoredDayRow,
  StoredKeySet,
  StoredVersion,
} from '../replay/stored-record.ts';

/** A business day that is verified. */
export interface DayToVerify {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  /** Whether an attempt for it is to be expected, once it is due. */
  readonly isWanted: boolean;
  readonly nowMs: number;
}

/** All that is on record of a business day. */
export interface DayRecord {
  /** Those included whose answers were refused and released, each where it became data. */
  readonly attempts: readonly RecordedAttempt[];
  readonly released: readonly ReleasedAnswer[];
  readonly versions: readonly StoredVersion[];
  readonly row: StoredDayRow | undefined;
  readonly keySets: readonly StoredKeySet[];
  readonly ranges: readonly RangesOfStamp[];
  readonly quarantine: readonly QuarantineEntry[];
  readonly clockMs: number | undefined;
}

/** A day as its payloads give it. */
export interface ReplayedDay {
  readonly day: DayReplay;
  readonly steps: readonly Pick<ReplayStep, 'attempt' | 'replayed'>[];
  /** The keys of the day from each stamp on. */
  readonly keySets: readonly {
    readonly knownFromMs: number | null;
    readonly keys: readonly string[];
  }[];
  /** Every version, in order of its attempt. */
  readonly versions: readonly (ReplayedVersion & { readonly knownFromMs: number | null })[];
  /** What answers that were released have in quarantine. */
  readonly releasedParts: readonly QuarantinedPart[];
}
