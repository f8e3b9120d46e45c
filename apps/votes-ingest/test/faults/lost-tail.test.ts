import { exitCodes } from '@sluice/schemas';
import { statusFilePath, WarehouseError } from '@sluice/warehouse';
import { copyFile, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openForReading, openForWriting } from '../../src/warehouse/open-warehouse.ts';
import { startApp } from './app-process.ts';
import type { Ended, StartOptions } from './app-process.ts';
import {
  createScenario,
  expectFinished,
  expectPlainError,
  expectSound,
  ingestArgs,
  ingestHere,
  newWarehousePath,
  removeScenario,
  timeoutMs,
} from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { readWarehouseState } from './warehouse-state.ts';

const stream = { seed: 61, streamRows: 40_299 };
const lostTail = {
  code: 'LOST_TAIL',
  message: expect.stringContaining('lost committed work') as string,
};
let scenario: Scenario;

/** A warehouse's files at some moment; `wal` is there where its process was killed. */
interface Snapshot {
  readonly db: Buffer;
  readonly status: Buffer;
  readonly wal?: Buffer;
}

/** After a run over the first file. */
let first: Snapshot;
/** After a run over all files that was killed before its checkpoint: the others are in the log. */
let killed: Required<Snapshot>;
/** After the run that ended all of it. */
let finished: Snapshot;

beforeAll(async () => {
  scenario = await createScenario({
    'first.jsonl': { ...stream, rows: 3000, badLines: { not_json: 0.01 } },
    'second.jsonl': { ...stream, rows: 3000, firstRow: 2000, conflicts: 0.02 },
    'third.jsonl': { ...stream, rows: 1000, firstRow: 6000 },
  });
  const warehouse = await newWarehousePath(scenario);
  const [firstInput = ''] = scenario.inputs;
  await ingestHere(warehouse, [firstInput], undefined);
  first = { db: await readFile(warehouse), status: await readFile(statusFilePath(warehouse)) };
  const { calls } = await ingest(await place(first), 'watch');
  const checkpoint = calls.findLastIndex(({ name }) => name === 'checkpoint') + 1;
  await ingest(warehouse, { at: checkpoint, moment: 'before' });
  killed = { ...first, db: await readFile(warehouse), wal: await readFile(`${warehouse}.wal`) };
  const { exitCode } = await ingest(warehouse, 'watch');
  await expectFinished(scenario, warehouse, exitCode);
  finished = { db: await readFile(warehouse), status: await readFile(statusFilePath(warehouse)) };
}, timeoutMs);

afterAll(async () => {
  await removeScenario(scenario);
});

describe('a write-ahead log that has lost its end', () => {
  test.each([0, 0.2, 0.5, 0.75, 0.9, 0.999])(
    'of which %d is left gives whole files, all that the status file knows, and the rest is ingested',
    async (share) => {
      const wal = killed.wal.subarray(0, Math.floor(killed.wal.length * share));
      const warehouse = await place({ ...killed, wal });
      expect(await expectSound(scenario, warehouse)).toBeGreaterThanOrEqual(1);
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  test(
    'as a whole is no less',
    async () => {
      const warehouse = await place(first);
      expect(await expectSound(scenario, warehouse)).toBe(1);
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  test(
    'as a whole, with the rows of a run that had ended, is refused',
    async () => {
      const warehouse = await place({ ...killed, status: finished.status });
      await unlink(`${warehouse}.wal`);
      await expectRefused(warehouse, lostTail);
    },
    timeoutMs,
  );
});

describe('a flipped bit', () => {
  test.each([8, 40, 57, 1000, 50_000, -100, -1])(
    'at %i of the write-ahead log is an error, and without the log the rest is ingested',
    async (offset) => {
      const warehouse = await place({ ...killed, wal: withFlippedBit(killed.wal, offset) });
      await expectRefused(warehouse, { code: 'DAMAGED' });
      await unlink(`${warehouse}.wal`);
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  // The first entry of a log has no checksum; without it DuckDB takes the log for an empty one.
  test.each([0, 4])(
    'at %i of the write-ahead log loses nothing that the status file knows',
    async (offset) => {
      const warehouse = await place({ ...killed, wal: withFlippedBit(killed.wal, offset) });
      expect(await expectSound(scenario, warehouse)).toBe(1);
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  test(
    'anywhere in the database is an error where it is read, or changes nothing',
    async () => {
      const offsets = [0, 8, 12, 4096, 4110, 8192, 8200];
      for (let offset = 12_288; offset < finished.db.length; offset += 120_011) {
        offsets.push(offset);
      }
      let errors = 0;
      for (const offset of offsets) {
        const warehouse = await place({ ...finished, db: withFlippedBit(finished.db, offset) });
        try {
          const { state } = await readWarehouseState(warehouse);
          expect(state).toEqual(scenario.statesAfter.at(-1));
        } catch (error) {
          expect(error).toBeInstanceOf(WarehouseError);
          expect(error).toMatchObject({
            code: expect.stringMatching(/^(?:DAMAGED|NOT_A_WAREHOUSE)$/) as string,
          });
          errors += 1;
        }
      }
      expect(errors).toBeGreaterThan(offsets.length / 2);
    },
    timeoutMs,
  );

  test(
    'is told on one line, with what to do',
    async () => {
      const warehouse = await place({ ...killed, wal: withFlippedBit(killed.wal, 1000) });
      const { exitCode, stderr } = await ingest(warehouse, undefined);
      expect(exitCode).toBe(exitCodes.failed);
      expectPlainError({ stderr });
      expect(stderr).toMatch(
        /^votes-ingest: open warehouse .*checksum.*; restore a backup, or .*\n$/,
      );
    },
    timeoutMs,
  );
});

describe('a database that is not the one of its status file', () => {
  test(
    'but an older copy is refused, with what is missing and what to do; which then helps',
    async () => {
      const warehouse = await place({ ...finished, db: first.db });
      await expectRefused(warehouse, lostTail);
      const { exitCode, stderr } = await ingest(warehouse, undefined);
      expect(exitCode).toBe(exitCodes.failed);
      expectPlainError({ stderr });
      for (const input of scenario.inputs.slice(1)) {
        expect(stderr).toContain(input);
      }
      expect(stderr).toContain(`accept the loss by deleting ${statusFilePath(warehouse)}`);
      await unlink(statusFilePath(warehouse));
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  test(
    'but an older copy with the newer log is refused',
    async () => {
      const warehouse = await place(finished);
      const [input = ''] = scenario.inputs;
      await copyFile(input, `${input}.again`);
      const later = { ...scenario, inputs: [...scenario.inputs, `${input}.again`] };
      const { calls } = await ingest(await place(finished), 'watch', later);
      const checkpoint = calls.findLastIndex(({ name }) => name === 'checkpoint') + 1;
      await ingest(warehouse, { at: checkpoint, moment: 'before' }, later);
      await writeFile(warehouse, first.db);
      await expectRefused(warehouse, {
        code: expect.stringMatching(/^(?:DAMAGED|LOST_TAIL)$/) as string,
      });
    },
    timeoutMs,
  );

  test(
    'because it is gone is refused, and no empty one takes its place',
    async () => {
      const warehouse = await place(finished);
      await unlink(warehouse);
      await expectRefused(warehouse, lostTail);
      await writeFile(warehouse, finished.db);
      await expectRestIngested(warehouse);
    },
    timeoutMs,
  );

  test.each([0.001, 0.5, 0.999])(
    'because only %d of it is left is refused',
    async (share) => {
      const warehouse = await place(finished);
      await truncate(warehouse, Math.floor(finished.db.length * share));
      await expectRefused(warehouse, { code: 'DAMAGED' });
    },
    timeoutMs,
  );
});

async function place({ db, status, wal }: Snapshot): Promise<string> {
  const warehouse = await newWarehousePath(scenario);
  await writeFile(warehouse, db);
  await writeFile(statusFilePath(warehouse), status);
  if (wal !== undefined) {
    await writeFile(`${warehouse}.wal`, wal);
  }
  return warehouse;
}

/** A negative offset counts from the end. */
function withFlippedBit(bytes: Buffer, offset: number): Buffer {
  const flipped = Buffer.from(bytes);
  const index = offset < 0 ? bytes.length + offset : offset;
  flipped.writeUInt8(flipped.readUInt8(index) ^ 1, index);
  return flipped;
}

async function expectRefused(
  warehouse: string,
  error: { readonly code: string; readonly message?: string },
): Promise<void> {
  const options = { path: warehouse, lockTimeoutMs: 10_000 };
  await expect(openForReading(options)).rejects.toMatchObject(error);
  await expect(openForWriting(options)).rejects.toMatchObject(error);
}

/** The same files once more bring what is missing, and nothing twice. */
async function expectRestIngested(warehouse: string): Promise<void> {
  const { exitCode } = await ingestHere(warehouse, scenario.inputs, undefined);
  await expectFinished(scenario, warehouse, exitCode);
}

async function ingest(
  warehouse: string,
  faults: StartOptions['faults'] | undefined,
  what: Scenario = scenario,
): Promise<Ended> {
  return startApp(ingestArgs(what, warehouse), {
    cwd: scenario.folder,
    codeCache: scenario.codeCache,
    ...(faults === undefined ? {} : { faults }),
  }).ended;
}
