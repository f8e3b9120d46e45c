import { addDays, deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import { answerOf, emptyAnswer, throughout } from './answers.ts';
import type { TestStore } from './test-store.ts';

const a = 'border_AT_BE';
const b = 'border_BE_AT';

/**
 * Days with all that can happen to one: revised, lacking cells, keys and hours, doubted, confirmed,
 * emptied, in quarantine, published again, answered with other days. Gives the days.
 */
export async function tellStories(
  store: TestStore,
  owner: PostgresDatabase,
  contract: DatasetContract,
  from: BusinessDay,
): Promise<readonly BusinessDay[]> {
  const days = [0, 1, 2, 3, 4, 5, 6].map((offset) => addDays(from, offset));
  const [plain = '', revised = '', doubted = '', odd = '', empty = '', suspect = '', other = ''] =
    days;
  const tell = async (
    day: BusinessDay,
    ...[cells, options]: [Parameters<typeof answerOf>[2], Parameters<typeof answerOf>[3]?]
  ): Promise<void> => {
    await store.collect(contract, day, answerOf(contract, day, cells, options));
  };
  const fill = (value: number | string | null) => throughout(contract, plain, value);
  await tell(plain, { [a]: fill(1), [b]: fill(null) });
  await tell(plain, { [a]: fill(1), [b]: fill(null) });
  await tell(plain, { [a]: fill(1), [b]: fill(null) }, { firstId: 7000 });
  for (const value of [1, 2, 1]) {
    await tell(revised, { [a]: [value, null, 0], [b]: fill(3) });
  }
  await tell(revised, { [a]: [1, null, 0] });
  await tell(revised, { [a]: [1, null, 0], [b]: fill(4), border_DE_FR: fill(5) });
  await tell(doubted, { [a]: fill(1), [b]: fill(2) });
  await tell(doubted, { [a]: fill(1), [b]: [9] }, { withoutRows: [22, 23] });
  await backdate(owner, contract, doubted);
  await tell(doubted, { [a]: fill(1), [b]: [9] }, { withoutRows: [22, 23] });
  await tell(doubted, { [a]: fill(1), [b]: fill(2) });
  await store.collect(contract, doubted, emptyAnswer());
  await tell(odd, { [a]: fill(1), [b]: ['1,5', true, 3] });
  await tell(odd, { [a]: fill('n/a'), [b]: ['1,5', true, 4] }, { extraRows: ['null', '{"id":1}'] });
  await store.collect(contract, empty, emptyAnswer());
  await store.collect(contract, empty, emptyAnswer());
  const week = answerOf(contract, addDays(from, 21), { [a]: fill(8) });
  const twice = (value: number): string =>
    JSON.stringify({
      dateTimeUtc: new Date(deliveryStarts(contract, suspect)[0] ?? 0),
      [a]: value,
    });
  await tell(suspect, { [a]: fill(1), [b]: fill(2) });
  await store.collect(contract, suspect, week);
  await store.collect(contract, suspect, week);
  for (const extraRows of [['{"id":1}', twice(1)], ['{"id":1}', twice(1)], [twice(5)], []]) {
    await tell(suspect, { [a]: fill(1) }, { withoutRows: [9], extraRows });
    await backdate(owner, contract, suspect);
  }
  await tell(suspect, { [a]: fill(1), [`${b}\u0000`]: fill(3) });
  await store.collect(contract, other, week);
  await tell(other, { [a]: fill(1) });
  return days;
}

/** As if all attempts for a day so far, and the doubt that they left, had come ten minutes earlier. */
export async function backdate(
  owner: PostgresDatabase,
  { name, region, dataset }: DatasetContract,
  day: BusinessDay,
): Promise<void> {
  await owner.run(
    `update ops.attempt set started_at = started_at - interval '10 minutes', ended_at = ended_at - interval '10 minutes'
     where dataset = $1 and business_day = $2`,
    [name, day],
  );
  await owner.run(
    `update jao.dataset_day dd set doubt_since = doubt_since - interval '10 minutes'
     from jao.dataset d
     where d.dataset_id = dd.dataset_id and d.region = $1 and d.dataset = $2 and dd.business_day = $3`,
    [region, dataset, day],
  );
}
