// Checks votes, several times in one process, and prints as JSON how long the fastest time took, on the
// clock and in the processor, and how many rows failed which check. Arguments: the path of the database,
// and `hand` (counts alone, each time in every way) or `checks` (results and keys written).
import { recordResults, runChecks } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { DuckDbWarehouse } from '@sluice/warehouse';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

import { byHand, countedChecks, failingByHand, thirtyChecks } from './thirty-checks.ts';

const rounds = 7;

const [, , path = '', way = ''] = process.argv;
const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
const times = new Map<string, { readonly wallMs: number; readonly cpuMs: number }[]>();
let failing: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  if (way === 'checks') {
    await timed('checks', check);
  } else {
    for (const [name, statements] of Object.entries(byHand)) {
      await timed(name, () => runAll(statements));
    }
  }
}
if (way !== 'checks') {
  failing = await countByHand();
}
const fastest = (of: 'wallMs' | 'cpuMs'): Record<string, number> =>
  Object.fromEntries(
    [...times].map(([name, runs]) => [name, Math.min(...runs.map((run) => run[of]))]),
  );
const [wallMs, cpuMs] = [fastest('wallMs'), fastest('cpuMs')];
warehouse.close();
process.stdout.write(
  `${JSON.stringify({ fastestMs: Math.min(...Object.values(wallMs)), fastestCpuMs: Math.min(...Object.values(cpuMs)), wallMs, cpuMs, failing })}\n`,
);

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  const beganMs = performance.now();
  await work();
  const wallMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(before);
  // What other processes take away shows in the time on the clock only.
  times.set(name, [...(times.get(name) ?? []), { wallMs, cpuMs: (user + system) / 1_000 }]);
}

async function check(): Promise<void> {
  const engine = duckDbEngine(warehouse);
  const results = await runChecks({
    engine,
    suite: thirtyChecks,
    relation: { schema: 'main', table: 'votes' },
    runId: randomUUID(),
    now: new Date(),
  });
  const broken = results.filter(({ outcome }) => outcome === 'error');
  if (broken.length > 0) {
    throw new Error(broken.map(({ checkId, message }) => `${checkId}: ${message}`).join('\n'));
  }
  await recordResults(engine, results);
  failing = results
    .filter(({ checkId }) => countedChecks.has(checkId))
    .map((result) => result.failing ?? -1);
}

async function runAll(statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await warehouse.run(statement);
  }
}

async function countByHand(): Promise<number[]> {
  const counts: number[] = [];
  for (const query of failingByHand) {
    const [row] = await warehouse.rows(
      z.object({ n: z.coerce.number() }),
      `select (${query}) as n`,
    );
    counts.push(row?.n ?? -1);
  }
  return counts;
}
