import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { SearchedPlace } from '../input/find-inputs.ts';

/** Keeps where a run has looked for files: that one was not there is known by this only. */
export async function recordSearches(
  warehouse: DuckDbWarehouse,
  run: {
    readonly runId: string;
    readonly searchedAt: Date;
    readonly places: readonly SearchedPlace[];
  },
): Promise<void> {
  await warehouse.run(
    `insert into ops.search
     select $1::uuid, place.place, place.kind, $2::timestamptz, place.files
       from (select unnest(from_json($3::json,
               '[{"place": "VARCHAR", "kind": "VARCHAR", "files": "INTEGER"}]')) as place)`,
    [run.runId, run.searchedAt.toISOString(), JSON.stringify(run.places)],
  );
}
