import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { listProjects, readTestCount, removeTestReports } from './projects.ts';
import { addCounts, formatCount, type TestCount } from './test-report.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

process.exitCode = await runTests(process.argv.slice(2));

/** Runs the tests of all projects through nx, prints the count as the last line, and returns the exit code. */
async function runTests(nxArgs: readonly string[]): Promise<number> {
  const projects = listProjects(root);
  await removeTestReports(root, projects);
  const nxExitCode = await runNx(['run-many', '-t', 'test', ...nxArgs]);

  const counts: TestCount[] = [];
  for (const project of projects) {
    const count = await readTestCount(root, project);
    if (count === undefined) {
      process.stdout.write(`${project}: left no test report, which counts as 1 failed\n`);
    }
    counts.push(count ?? { passed: 0, failed: 1, skipped: 0 });
  }
  const sum = addCounts(counts);
  if (nxExitCode !== 0 && sum.failed === 0) {
    process.stdout.write('nx failed though no test did, which counts as 1 failed\n');
  }
  const failed = nxExitCode === 0 ? sum.failed : Math.max(1, sum.failed);
  process.stdout.write(`${formatCount({ ...sum, failed })}\n`);
  return failed === 0 ? 0 : 1;
}

async function runNx(args: readonly string[]): Promise<number> {
  const nx = fileURLToPath(import.meta.resolve('nx'));
  const child = spawn(process.execPath, [nx, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
