// Runs a query about coverage, and prints as JSON how long it took, in milliseconds, and what it counted.
// Arguments: the URL of the database, which query, and how many times; then the time in the middle counts.
import { Client } from 'pg';

import { median } from '../median.ts';
import { coverageQueries, isCoverageQuery } from './coverage-queries.ts';

const [, , connectionString = '', name = '', repeats = '1'] = process.argv;
if (!isCoverageQuery(name)) {
  throw new RangeError(`there is no query '${name}'`);
}
const client = new Client({ connectionString });
await client.connect();
// A connection's first query also reads the catalogue.
await client.query(coverageQueries['coverage-day']);
const times: number[] = [];
let counts: unknown;
for (let time = 0; time < Number(repeats); time += 1) {
  const beganMs = performance.now();
  const { rows } = await client.query<Record<string, unknown>>(coverageQueries[name]);
  times.push(performance.now() - beganMs);
  counts = rows[0];
}
await client.end();
process.stdout.write(`${JSON.stringify({ medianMs: median(times), counts })}\n`);
