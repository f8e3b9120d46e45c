import { profileTable, suggestExpectations } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { voteContract } from '@sluice/schemas';
import { voteSuite } from '@sluice/schemas/expectations';
import type { Suggestion } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';

const relation = { schema: 'blog_analysis', table: 'votes' };

/** What the votes suggest to expect of them, beside what their contract and suite say. */
export async function suggestForVotes(warehouse: DuckDbWarehouse): Promise<Suggestion[]> {
  const engine = duckDbEngine(warehouse);
  const { shape } = voteSuite;
  // Which file a row came from is of our making, and nothing to be expected of votes.
  const columns = voteContract.fields.map(({ name }) => name);
  const profile = await profileTable({
    ...{ engine, relation, shape, columns },
    timeColumn: voteContract.timeField,
  });
  const neverNull = voteContract.fields.flatMap(({ name, required }) => (required ? [name] : []));
  return suggestExpectations({ engine, relation, suite: voteSuite, profile, neverNull });
}
