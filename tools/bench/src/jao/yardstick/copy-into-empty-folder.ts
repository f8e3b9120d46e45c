// Makes and starts an embedded Postgres in an empty folder, copies files of rows into a table with the
// indexes of jao.observation, in one transaction, and stops it. Arguments: both folders.
import { openPostgres } from '@sluice/warehouse/postgres';
import { Client } from 'pg';

import { observationColumns } from '../observation-columns.ts';
import { copyFiles } from './copy-files.ts';

const [, , home = '', folder = ''] = process.argv;
const db = await openPostgres({
  home,
  role: 'owner',
  applicationName: 'sluice-bench',
  poolSize: 1,
});
const client = new Client({ connectionString: db.url('owner') });
await client.connect();
await client.query(`
  create table observation (
    series_id int not null, delivery_start timestamptz not null, known_from timestamptz(3) not null,
    value float8, withdrawn boolean not null, attempt_id bigint not null, source_row_id bigint,
    source_modified_at timestamp, primary key (series_id, delivery_start, known_from));
  create index on observation (
    series_id, ((delivery_start at time zone 'Europe/Amsterdam')::date), delivery_start, known_from desc);
  create index on observation using brin (known_from)`);
await copyFiles(client, {
  folder,
  target: `observation (${observationColumns})`,
  isOneTransaction: true,
});
await client.end();
await db.close();
