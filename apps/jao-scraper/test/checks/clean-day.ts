import type { JaoSimulator } from '@sluice/jao-simulator';
import { businessDayBounds, jaoSuites } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import { answerOf, throughout } from '../store/answers.ts';

const zones = ['AT', 'BE', 'CZ', 'DE', 'FR', 'HR', 'HU', 'NL', 'PL'] as const;
const pairs = zones.flatMap((from) =>
  zones.filter((to) => to !== from).map((to) => [from, to] as const),
);

/** The answer for a day that nothing is wrong with: the simulator's, or where it has none, one made up. */
export async function cleanAnswer(
  simulator: JaoSimulator,
  contract: DatasetContract,
  day: BusinessDay,
): Promise<Uint8Array> {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const url = new URL(contract.path, simulator.url);
  url.searchParams.set('FromUtc', new Date(startMs).toISOString());
  url.searchParams.set('ToUtc', new Date(endMs).toISOString());
  const response = await fetch(url);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : madeUp(contract, day);
}

/** Steady values of the dataset's unit, under keys of its form, as many as it is known to have. */
function madeUp(contract: DatasetContract, day: BusinessDay): Uint8Array {
  const value = contract.unit === '1' ? 0.5 : 100;
  const keys = keysOf(contract).slice(0, keyCountOf(contract));
  const steady = throughout(contract, day, value);
  return answerOf(
    contract,
    day,
    Object.fromEntries(
      keys.map((key, index) => [
        key,
        steady.map((each) => Number(each) + (contract.unit === '1' ? 0 : index)),
      ]),
    ),
  );
}

/** Where the number of keys is known, a check knows it. */
function keyCountOf(contract: DatasetContract): number {
  const known = jaoSuites(contract)
    .flatMap(({ suite }) => suite.expectations)
    .find(({ id }) => id === 'days.keys.all');
  const sql =
    known?.kind === 'expression' && typeof known.sql !== 'string' ? known.sql.postgres : '';
  return Number(/(\d+)$/.exec(sql)?.[1] ?? 6);
}

function keysOf({ keyPattern }: DatasetContract): string[] {
  const prefixes = /\(\?:([A-Za-z|]+)\)/.exec(keyPattern.source)?.[1]?.split('|') ?? ['some'];
  return pairs
    .flatMap(([from, to]) =>
      prefixes.flatMap((prefix) => [
        `${prefix}_${from}_${to}`,
        `${prefix}_${from}`,
        `${prefix}${from}`,
      ]),
    )
    .filter((key, index, all) => keyPattern.test(key) && all.indexOf(key) === index);
}
