import { readFile } from 'node:fs/promises';

import { expect, test } from 'vitest';
import { z } from 'zod';

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

test.each(['@duckdb/node-api', 'pg', 'pg-copy-streams'])(
  'the yardsticks run on the %s of the warehouse',
  async (driver) => {
    const [own, warehouse] = await Promise.all(
      ['..', '../../../packages/warehouse'].map(async (folder) => {
        const manifest = await readFile(new URL(`${folder}/package.json`, import.meta.url), 'utf8');
        return manifestSchema.parse(JSON.parse(manifest)).dependencies[driver];
      }),
    );
    expect(own).toBe(warehouse);
    expect(own).toBeDefined();
  },
);
