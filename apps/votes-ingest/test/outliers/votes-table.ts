import { DuckDbWarehouse } from '@sluice/warehouse';

/** How many votes were cast on a day, `2022-01-02`. */
export type DayVotes = readonly [day: string, votes: number];

/** A DuckDB file that holds a table of votes with nothing but their dates, opened. */
export async function createVotesTable(
  path: string,
  days: readonly DayVotes[],
): Promise<DuckDbWarehouse> {
  const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
  await warehouse.run('create schema blog_analysis');
  await warehouse.run('create table blog_analysis.votes (CreationDate timestamp)');
  await replaceVotes(warehouse, days);
  return warehouse;
}

/** Puts other votes in the place of those in the table. */
export async function replaceVotes(
  warehouse: DuckDbWarehouse,
  days: readonly DayVotes[],
): Promise<void> {
  await warehouse.run('delete from blog_analysis.votes');
  if (days.length > 0) {
    const values = days.map(([day, votes]) => `('${day}', ${votes})`).join(', ');
    await warehouse.run(
      `insert into blog_analysis.votes
       select day::timestamp from (values ${values}) as given(day, votes), range(votes)`,
    );
  }
}
