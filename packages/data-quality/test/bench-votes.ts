// What 30 checks over 5 million votes cost in DuckDB, against the same counts written by hand.
// Run: node --conditions=@sluice/source test/bench-votes.ts [rows]
import { DuckDbWarehouse, migrateDuckDb, opsMigrations } from '@sluice/warehouse';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { duckDbEngine } from '../src/engine/duckdb-engine.ts';
import { recordResults, runChecks } from '../src/index.ts';
import { benchSuite, handWritten as allHandWritten } from './bench-suite.ts';

const rows = Number(process.argv[2] ?? 5_000_000);
/** `rows` leaves out what groups all rows, which costs more than all the rest together. */
const withGroups = process.argv[3] !== 'rows';
const handWritten = withGroups ? allHandWritten : allHandWritten.slice(0, -1);
const rounds = 7;
const relation = { schema: 'main', table: 'votes' };

const folder = await mkdtemp(join(tmpdir(), 'data-quality-bench-'));
const warehouse = await DuckDbWarehouse.open({
  path: join(folder, 'w.db'),
  access: 'write',
  lockTimeoutMs: 0,
});
await migrateDuckDb(warehouse, [opsMigrations]);
await warehouse.run(`create table votes as
  select i + 1 as Id, (hash(i) % 1000000 + 1)::bigint as PostId,
         (1 + hash(i * 3) % 16)::smallint as VoteTypeId,
         case when hash(i * 7) % 10 = 0 then (hash(i) % 99999)::bigint - 1 end as UserId,
         timestamp '2010-01-01' + to_days((i // 1000)::integer) as CreationDate,
         case when hash(i * 11) % 50 = 0 then (hash(i) % 500)::integer end as BountyAmount,
         (i // 100000)::integer as FileId
    from range(${String(rows)}) t (i)`);
await warehouse.run('checkpoint');

const engine = duckDbEngine(warehouse);
const ours = async (): Promise<void> => {
  const results = await runChecks({
    engine,
    suite: { ...benchSuite, expectations: benchSuite.expectations.slice(0, handWritten.length) },
    relation,
    runId: randomUUID(),
    now: new Date(),
  });
  const broken = results.filter(({ outcome }) => outcome === 'error');
  if (broken.length > 0 || results.length !== handWritten.length) {
    throw new Error(
      `${results.length} results; ${broken.map(({ message }) => message).join('\n')}`,
    );
  }
  await recordResults(engine, results);
};
const oneStatement = (): Promise<void> =>
  warehouse.run(`select ${handWritten.map(({ count }) => count).join(', ')} from votes`);
const oneByOne = async (): Promise<void> => {
  for (const { query } of handWritten) {
    await warehouse.run(query);
  }
};

const works = { ours, oneStatement, oneByOne };
const figures = new Map<string, { wallMs: number[]; cpuMs: number[] }>();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, work] of Object.entries(works)) {
    const before = process.cpuUsage();
    const startMs = performance.now();
    await work();
    const wallMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    const figure = figures.get(name) ?? { wallMs: [], cpuMs: [] };
    figure.wallMs.push(wallMs);
    // What other processes take away from this one shows in the time on the wall only.
    figure.cpuMs.push((user + system) / 1_000);
    figures.set(name, figure);
  }
}
const median = (name: string, of: 'wallMs' | 'cpuMs'): number =>
  [...(figures.get(name)?.[of] ?? [])].sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
for (const unit of ['wallMs', 'cpuMs'] as const) {
  const [our, one, each] = [
    median('ours', unit),
    median('oneStatement', unit),
    median('oneByOne', unit),
  ];
  process.stdout.write(
    `${unit}: ours ${our.toFixed(0)}, one statement ${one.toFixed(0)}, one by one ${each.toFixed(0)}; ` +
      `ratio ${(our / Math.min(one, each)).toFixed(2)}\n`,
  );
}
warehouse.close();
await rm(folder, { recursive: true });
