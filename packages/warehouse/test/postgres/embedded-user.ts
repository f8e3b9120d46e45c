import { writeSync } from 'node:fs';

import { openPostgres } from '../../src/postgres/index.ts';

/**
 * A program that uses the embedded server of a home: run by the tests as a process of its own, to be
 * killed. `node embedded-user.ts <home> <rounds> <mark>`: each round opens, adds a row, and closes;
 * with 0 rounds it opens, adds a row, says where, and stays until its input ends.
 */
const [home = '', rounds = '0', mark = ''] = process.argv.slice(2);

async function openAndAdd() {
  const db = await openPostgres({ home, role: 'owner', applicationName: 'test', poolSize: 1 });
  // Where two do it at once, one may find the name taken by a table, or its type, that it did not see.
  await db.run(`do $$ begin
    create table if not exists public.seen (mark text, at timestamptz default now());
  exception when unique_violation or duplicate_object then null; end $$`);
  await db.run('insert into public.seen (mark) values ($1)', [mark]);
  writeSync(1, `${db.url('owner')}\n`);
  return db;
}

async function stay(): Promise<void> {
  const db = await openAndAdd();
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await db.close();
}

process.on('SIGINT', () => {
  // As an app that has work at hand: it goes on.
});

if (rounds === '0') {
  await stay();
} else {
  for (let round = 0; round < Number(rounds); round += 1) {
    await (await openAndAdd()).close();
  }
}
