import { afterEach, beforeEach, expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

const lines = Array.from({ length: 5_000 }, (_, index) => goodLine(index + 1));

test('a run that is told to stop while it settles suspects ends soon, with nothing of the file', async () => {
  await warehouse.ingestBytes(fileOf(lines), { name: 'first.jsonl' });
  const again = await warehouse.place('again.jsonl', fileOf([goodLine(9_999), ...lines]));
  const stop = new AbortController();
  // Settled one by one, 5,000 suspects take minutes.
  const running = warehouse.ingest([again], { signal: stop.signal, suspectsPerPass: 1 });
  setTimeout(() => {
    stop.abort();
  }, 300);
  const { report } = await running;
  expect(report).toMatchObject({ outcome: 'failed', files: [] });
  expect(report.error).toContain('stopped by a signal after 0 of 1 files');
  expect(await warehouse.voteIds()).toHaveLength(5_000);
  const { report: next } = await warehouse.ingest([again]);
  expect(next.totals).toMatchObject({ accepted: 1, duplicate: 5_000 });
});
