import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { runStep } from './run-step.ts';
import type { Step } from './run-step.ts';

/** Where the demo runs, and how much data it makes. */
export interface VotesDemoOptions {
  /** The workspace. */
  readonly root: string;
  /** What the demo leaves, relative to the workspace; removed first. */
  readonly folder: string;
  /** Votes in the first file. */
  readonly rows: number;
  readonly signal: AbortSignal;
}

/**
 * Loads files of votes, on this process's standard streams, and leaves the warehouse.
 *
 * @throws {DemoError} where a step does not end as it should.
 */
export async function runVotesDemo(options: VotesDemoOptions): Promise<void> {
  const folder = join(options.root, options.folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const step of stepsOf(options)) await runStep(step, options);
  const warehouse = join(options.folder, 'warehouse.db');
  process.stdout.write(
    `\nThe warehouse is ${warehouse}, a DuckDB file; its status is beside it. Look further:\n` +
      `  npx votes-ingest query "from blog_analysis.votes limit 5" --warehouse ${warehouse}\n` +
      `  npx votes-ingest profile --warehouse ${warehouse}\n` +
      '  npx votes-ingest --help\n',
  );
}

function stepsOf({ folder, rows }: VotesDemoOptions): Step[] {
  const first = join(folder, 'votes-1.jsonl');
  const second = join(folder, 'votes-2.jsonl.gz');
  const warehouse = ['--warehouse', join(folder, 'warehouse.db')];
  const stream = ['--stream-rows', String(rows * 2), '--from', '2023-01-01', '--to', '2024-01-01'];
  return [
    {
      shows: 'Make a file of votes, with duplicates, conflicts and broken lines in it,',
      app: 'votes-generator',
      args: ['--rows', String(rows), ...stream, '--duplicates', '0.5%', '--conflicts', '0.01%']
        .concat(['--bad', `${((8 / rows) * 100).toFixed(4)}%`, '--unknown-types', '0.02%'])
        .concat(['--out', first]),
    },
    {
      shows: 'and a second one, packed, that begins with the last tenth of the first.',
      app: 'votes-generator',
      args: ['--rows', String(rows), '--first-row', String(rows * 0.9), ...stream].concat([
        '--compress',
        'gzip',
        '--out',
        second,
      ]),
    },
    {
      shows: 'Load both: what is new, what is a duplicate, what contradicts, what is broken.',
      app: 'votes-ingest',
      args: ['ingest', first, second, ...warehouse],
    },
    {
      shows: 'Load them again: nothing changes.',
      app: 'votes-ingest',
      args: ['ingest', first, second, ...warehouse],
    },
    {
      shows: 'Nothing that was not loaded has vanished: here it is, with its place and the reason.',
      app: 'votes-ingest',
      args: ['quarantine', ...warehouse],
    },
    {
      shows: 'The weeks that differ from the mean by more than 20 %.',
      app: 'votes-ingest',
      args: ['outliers', '--chart', ...warehouse],
    },
    {
      shows: 'Count everything again, against the ledger and the status file.',
      app: 'votes-ingest',
      args: ['verify', ...warehouse],
    },
    {
      shows: 'All of that on one page, for a browser.',
      app: 'votes-ingest',
      args: ['report', '--out', join(folder, 'report-votes.html'), ...warehouse],
    },
  ];
}
