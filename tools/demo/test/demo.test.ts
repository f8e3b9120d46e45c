import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const demoTimeoutMs = 120_000;

/** Runs one half of the demo in a process of its own, whose output is what is looked at. */
function runDemo(module: string, call: string, environment: Record<string, string> = {}) {
  const { href } = new URL(`../src/${module}`, import.meta.url);
  const script = `
    import * as demo from ${JSON.stringify(href)};
    const root = ${JSON.stringify(root)};
    const signal = new AbortController().signal;
    await demo.${call};`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  expect(child.stderr).not.toContain('Error');
  expect(child.status, child.stdout + child.stderr).toBe(0);
  return child.stdout;
}

test('the demo of votes runs from its first step to its last', { timeout: demoTimeoutMs }, () => {
  const folder = `tools/demo/test-output/demo-${process.pid}`;
  const call = `runVotesDemo({ root, folder: ${JSON.stringify(folder)}, rows: 5000, signal })`;
  expect(runDemo('votes-demo.ts', call)).toContain('already_ingested');
  const status: unknown = JSON.parse(
    readFileSync(`${root}/${folder}/warehouse.db.status.json`, 'utf8'),
  );
  expect(readFileSync(`${root}/${folder}/report-votes.html`, 'utf8')).toContain('Outlier weeks');
  expect(status).toMatchObject({ filesByOutcome: { ingested: 2, already_ingested: 2 } });
});

test(
  'the demo of capacities shows three revised hours and all cells, then the figures of both, and leaves nothing but a report',
  { timeout: demoTimeoutMs },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-test-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const reports = `tools/demo/test-output/demo-jao-${process.pid}`;
    const votes = `runVotesDemo({ root, folder: ${JSON.stringify(reports)}, rows: 5000, signal })`;
    runDemo('votes-demo.ts', votes);
    const votesStatus = `${reports}/warehouse.db.status.json`;
    const jao = JSON.stringify({ folder: reports, votesStatus });
    const output = runDemo('jao-demo.ts', `runJaoDemo({ root, signal, ...${jao} })`, {
      TMPDIR: folder,
    });
    expect(readFileSync(`${root}/${reports}/report-jao.html`, 'utf8')).toContain('never asked for');
    const lines = output.split('\n').map((line) => line.split('│').map((cell) => cell.trim()));
    const revised = lines.filter((cells) => cells[3] === 'border_AT_DE' && cells[5] === '2');
    expect(revised).toHaveLength(3);
    const beside = lines.filter((cells) => /^\d\d:00Z$/.test(cells[1] ?? ''));
    expect(beside.map((cells) => cells[2] === cells[3])).toEqual([true, false, false, false, true]);
    expect(beside.map((cells) => cells[4])).toEqual(['1', '2', '2', '2', '1']);
    expect(lines.filter((cells) => cells[3] === 'present')).toHaveLength(1);
    expect(output.split('\n')).toEqual(
      expect.arrayContaining([
        'sluice_up 1',
        'sluice_dataset_completeness_ratio{dataset="core/maxExchanges",window="30d"} 1',
        expect.stringMatching(/^sluice_revisions_total\{.*kind="value".*\} 3$/),
        expect.stringMatching(
          /^sluice_warehouse_rows\{dataset="votes",warehouse=".*warehouse.db"\} [1-9]/,
        ),
      ]),
    );
    expect(readdirSync(folder)).toEqual([]);
  },
);
