import { ingestReportSchema } from '@sluice/schemas';
import type { IngestReport } from '@sluice/schemas';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { CheckedWarehouse } from '../ingest/checked-warehouse.ts';
import { fileOf, goodLine } from '../ingest/vote-source.ts';
import { CliProcess, runCli } from './cli-process.ts';
import type { Ended } from './cli-process.ts';

let warehouse: CheckedWarehouse;
let cwd: string;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
  cwd = warehouse.folder;
});

afterEach(async () => {
  await warehouse.remove();
});

const votes = fileOf([goodLine(1), goodLine(2), 'bad']);
const ingestInput = ['ingest', '-', '--format', 'json'];

function reportOf({ stdout }: Ended): IngestReport {
  return ingestReportSchema.parse(JSON.parse(stdout));
}

describe('standard input', () => {
  test('is read from a pipe, hashed, and known again', async () => {
    const report = reportOf(await runCli(ingestInput, { cwd, input: votes }));
    expect(report.files[0]).toMatchObject({
      path: '-',
      sha256: createHash('sha256').update(votes).digest('hex'),
      bytes: votes.length,
      accepted: 2,
      quarantined: 1,
    });
    const again = reportOf(await runCli(ingestInput, { cwd, input: votes }));
    expect(again.files[0]).toMatchObject({ outcome: 'already_ingested', read: 0 });
    expect(await warehouse.voteIds()).toEqual(['1', '2']);
  });

  test('may be a file, from where its reader before has left it', async () => {
    const path = await warehouse.place('rest.jsonl', votes);
    const stdin = openSync(path, 'r');
    try {
      readSync(stdin, Buffer.alloc(goodLine(1).length + 1));
      const report = reportOf(await runCli(ingestInput, { cwd, stdin }));
      expect(report.files[0]).toMatchObject({ read: 2, accepted: 1 });
    } finally {
      closeSync(stdin);
    }
    expect(await warehouse.voteIds()).toEqual(['2']);
    const same = openSync(path, 'r');
    try {
      const report = reportOf(await runCli(ingestInput, { cwd, stdin: same }));
      expect(report.files[0]).toMatchObject({ read: 3, accepted: 1, duplicate: 1 });
    } finally {
      closeSync(same);
    }
  });

  test('may be compressed, and is refused where it is cut', async () => {
    const packed = gzipSync(votes);
    const cut = await runCli(ingestInput, { cwd, input: packed.subarray(0, -3) });
    expect(cut.exitCode).toBe(3);
    expect(reportOf(cut).files[0]).toMatchObject({ outcome: 'refused', read: 3 });
    expect(await warehouse.votes()).toEqual([]);
    const whole = await runCli(ingestInput, { cwd, input: packed });
    expect(reportOf(whole).totals).toMatchObject({ accepted: 2, quarantined: 1 });
  });

  test('of nothing is an empty file', async () => {
    const report = reportOf(await runCli(ingestInput, { cwd, input: '' }));
    expect(report.files[0]).toMatchObject({ outcome: 'ingested', bytes: 0, read: 0 });
  });

  test('that is a folder is refused', async () => {
    const stdin = openSync(cwd, 'r');
    try {
      const ended = await runCli(ingestInput, { cwd, stdin });
      expect(ended.exitCode).toBe(3);
      expect(reportOf(ended).files[0]?.error).toContain('EISDIR');
    } finally {
      closeSync(stdin);
    }
  });

  test('without end that is no file of votes is refused after 1,000 records', async () => {
    const cli = new CliProcess(ingestInput, { cwd });
    let sentBytes = 0;
    const { stdin } = cli.child;
    if (stdin !== null) {
      const endless = function* (): Generator<string> {
        for (let row = 1; ; row++) {
          const line = `${row},7,2,,2017-02-28T00:00:00.000,\n`;
          sentBytes += line.length;
          yield line;
        }
      };
      await expect(pipeline(endless, stdin)).rejects.toThrow();
    }
    const ended = await cli.ended;
    expect(ended.exitCode).toBe(3);
    expect(reportOf(ended).files[0]).toMatchObject({
      outcome: 'refused',
      read: 1_000,
      quarantined: 1_000,
    });
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024);
  });

  test('that is no file of votes is refused although its writer falls silent', async () => {
    const cli = new CliProcess(ingestInput, { cwd });
    cli.child.stdin?.write('a,b,c\n'.repeat(1_000));
    expect((await cli.ended).exitCode).toBe(3);
  });
});

/** Ingests a refused file first, so that there is something to wait for; then `input`. */
async function startOn(input: string): Promise<CliProcess> {
  await warehouse.place('votes.jsonl', votes);
  await warehouse.place('refused.jsonl', 'a,b,c');
  const cli = new CliProcess(['ingest', 'votes.jsonl', 'refused.jsonl', input], { cwd });
  await cli.hasSaid('refused.jsonl was refused');
  return cli;
}

describe('SIGTERM', () => {
  test.each([
    ['an input that never comes', '-'],
    ['a FIFO that nobody writes to', 'fifo'],
    ['a line without end', '/dev/zero'],
  ])('ends a run that waits for %s, cleanly', async (_, input) => {
    execFileSync('mkfifo', [join(cwd, 'fifo')]);
    const cli = await startOn(input);
    cli.child.kill('SIGTERM');
    expect(await cli.ended).toMatchObject({ exitCode: 143, signal: null });
    expect(await warehouse.voteIds()).toEqual(['1', '2']);
    expect((await warehouse.status()).runs[0]).toMatchObject({ outcome: 'failed' });
    await warehouse.ingest([join(cwd, 'votes.jsonl')]);
  });
});

test('a FIFO is read when its writer comes', async () => {
  const fifo = join(cwd, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const cli = await startOn('fifo');
  await writeFile(fifo, fileOf([goodLine(3)]));
  expect((await cli.ended).exitCode).toBe(3);
  expect(await warehouse.voteIds()).toEqual(['1', '2', '3']);
});
