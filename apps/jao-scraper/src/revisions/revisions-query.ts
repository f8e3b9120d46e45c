import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** Which changes are asked for, of one dataset. Ranges are half-open; undefined is no limit. */
export interface RevisionsQuestion {
  readonly contract: DatasetContract;
  readonly keys: readonly string[] | undefined;
  /** When we learned it. */
  readonly known: { readonly since: Date | undefined; readonly until: Date | undefined };
  /** What it is about. */
  readonly delivery: { readonly startMs: number | undefined; readonly endMs: number | undefined };
}

/** A change of a cell: a row of `jao.revision`. */
export interface Revision {
  readonly region: string;
  readonly dataset: string;
  readonly key: string;
  readonly deliveryStart: Date;
  readonly revision: number;
  readonly oldValue: number | null;
  readonly newValue: number | null;
  readonly withdrawn: boolean;
  readonly knownFrom: Date;
}

const revisionSchema: z.ZodType<Revision> = z.object({
  region: z.string(),
  dataset: z.string(),
  key: z.string(),
  deliveryStart: z.date(),
  revision: z.int(),
  oldValue: z.number().nullable(),
  newValue: z.number().nullable(),
  withdrawn: z.boolean(),
  knownFrom: z.date(),
});

/** The changes of a dataset, in the order in which we learned them, batch by batch. */
export function streamRevisions(
  tx: PostgresTransaction,
  { contract, keys, known, delivery }: RevisionsQuestion,
): AsyncGenerator<Revision[]> {
  // Limits that are always there let the planner estimate them, and skip partitions.
  return tx.stream(
    revisionSchema,
    `select region, dataset, key, delivery_start as "deliveryStart", revision, old_value as "oldValue",
       new_value as "newValue", withdrawn, known_from as "knownFrom"
     from jao.revision
     where region = $1 and dataset = $2 and ($3::text[] is null or key = any($3))
       and known_from >= $4 and known_from < $5 and delivery_start >= $6 and delivery_start < $7
     order by known_from, key collate "C", delivery_start`,
    [
      contract.region,
      contract.dataset,
      keys === undefined ? null : [...keys],
      known.since ?? '-infinity',
      known.until ?? 'infinity',
      instantOf(delivery.startMs) ?? '-infinity',
      instantOf(delivery.endMs) ?? 'infinity',
    ],
  );
}

function instantOf(instantMs: number | undefined): Date | undefined {
  return instantMs === undefined ? undefined : new Date(instantMs);
}
