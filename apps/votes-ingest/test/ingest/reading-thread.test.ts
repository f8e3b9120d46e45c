import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

import { ReadingThread } from '../../src/ingest/reading-thread.ts';
import type { RecordSink } from '../../src/ingest/record-sink.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { fileOf, goodLine } from './vote-source.ts';

const thread = new ReadingThread();

afterEach(() => {
  thread.end();
});

const options = { fileId: 1, tableMaxId: 0n, rejected: [], format: undefined };
const context = { signal: new AbortController().signal, onBytesRead: () => undefined };

/** Counts the rows it takes. */
function countingSink() {
  let rows = 0;
  const sink: RecordSink = {
    takeVotes: (batch) => {
      rows += batch.rows;
      return batch.memory;
    },
    takeSuspects: ({ memory }) => memory,
    takeAcceptedLines: () => undefined,
    takeRejected: () => undefined,
  };
  return { sink, rows: () => rows };
}

test('what can not be read fails as it does on this thread, and the next file is read', async () => {
  await withTemporaryFolder(async (folder) => {
    const { sink, rows } = countingSink();
    await expect(thread.read(context, folder, options, sink)).rejects.toMatchObject({
      code: 'EISDIR',
      syscall: 'read',
      errno: expect.any(Number) as number,
    });
    const path = join(folder, 'votes.jsonl');
    await writeFile(path, fileOf([goodLine(1), goodLine(2), goodLine(1)]));
    const reading = await thread.read(context, path, options, sink);
    expect(reading.records).toMatchObject({ read: 3, written: 2, format: 'json', maxId: 2n });
    expect(rows()).toBe(2);
  });
});

test('rows that can not be stored end the reading of their file, and nothing of it comes later', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'votes.jsonl');
    await writeFile(
      path,
      fileOf(Array.from({ length: 200_000 }, (_, index) => goodLine(index + 1))),
    );
    const full = new Error('the disk is full');
    let batches = 0;
    const failing: RecordSink = {
      ...countingSink().sink,
      takeVotes: () => {
        batches += 1;
        throw full;
      },
    };
    await expect(thread.read(context, path, options, failing)).rejects.toBe(full);
    const { sink, rows } = countingSink();
    const reading = await thread.read(context, path, options, sink);
    expect(reading.records.written).toBe(200_000);
    expect(rows()).toBe(200_000);
    expect(batches).toBe(1);
  });
});
