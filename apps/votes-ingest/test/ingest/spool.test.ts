import { DuckDbWarehouse } from '@sluice/warehouse';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { Spool } from '../../src/ingest/spool.ts';
import { allocateBatch } from '../../src/ingest/vote-columns.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

test('suspects that belong to no file are refused, and not counted', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'warehouse.db');
    const warehouse = await DuckDbWarehouse.open({ path, access: 'write', lockTimeoutMs: 0 });
    const spool = await Spool.create(warehouse);
    const batch = { memory: allocateBatch(), rows: 1 };
    try {
      expect(() => {
        spool.addSuspects(batch);
      }).toThrow('the spool must begin a file first');
      await spool.begin();
      spool.addSuspects(batch);
      spool.finish();
      expect(() => {
        spool.addSuspects(batch);
      }).toThrow('the spool must begin a file first');
      expect(spool.suspects).toBe(1);
    } finally {
      spool.close();
      warehouse.close();
    }
  });
});
