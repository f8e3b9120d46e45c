// Bare COPY of files of rows into jao.observation, on one connection.
// Arguments: the URL of the database, the folder of the files, and `one` transaction or one `per-day`.
import { Client } from 'pg';

import { observationColumns } from '../observation-columns.ts';
import { copyFiles } from './copy-files.ts';

const [, , connectionString = '', folder = '', transactions = ''] = process.argv;
const client = new Client({ connectionString });
await client.connect();
await copyFiles(client, {
  folder,
  target: `jao.observation (${observationColumns})`,
  isOneTransaction: transactions === 'one',
});
await client.end();
