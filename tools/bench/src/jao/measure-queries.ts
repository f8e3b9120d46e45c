// Reads many business days of core/maxExchanges, one query each, and prints as JSON how long the one in
// the middle took, in milliseconds, and what all of them held. Arguments: the URL of the database, which
// query, and the days, separated by commas.
import { createHash } from 'node:crypto';

import { businessDayBounds, findDataset } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import { Client } from 'pg';

import { median } from '../median.ts';
import { dayQueries, isDayQuery } from './day-queries.ts';

const [, , connectionString = '', name = '', list = ''] = process.argv;
const contract = findDataset('core/maxExchanges');
if (contract === undefined || !isDayQuery(name)) {
  throw new RangeError(`there is no query '${name}'`);
}
const { sql, parametersOf } = dayQueries[name];
const days = list.split(',');
const client = new Client({ connectionString });
await client.connect();
const read = async (day: BusinessDay) => {
  const { startMs, endMs } = businessDayBounds(contract, day);
  const bounds = { day, start: new Date(startMs), end: new Date(endMs) };
  return client.query({ text: sql, values: parametersOf(bounds), rowMode: 'array' });
};
// A connection's first query also reads the catalogue.
await read(days[0] ?? '');
const times: number[] = [];
const hash = createHash('sha256');
let rows = 0;
for (const day of days) {
  const beganMs = performance.now();
  const result = await read(day);
  times.push(performance.now() - beganMs);
  rows += result.rows.length;
  hash.update(
    result.rows
      .map((row) => JSON.stringify(row))
      .toSorted()
      .join('\n'),
  );
}
await client.end();
process.stdout.write(
  `${JSON.stringify({ medianMs: median(times), maxMs: Math.max(...times), rows, sha256: hash.digest('hex') })}\n`,
);
