import { voteFields, voteTypes } from '@sluice/schemas';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { openForWriting } from '../../src/warehouse/open-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

test('the tables are what the contract says, down to the comments', async () => {
  await withTemporaryFolder(async (folder) => {
    const warehouse = await openForWriting({ path: join(folder, 'w.db'), lockTimeoutMs: 0 });
    try {
      const columns = await warehouse.rows(
        z.object({
          name: z.string(),
          sqlType: z.string(),
          isNullable: z.boolean(),
          comment: z.string(),
        }),
        `select column_name as name, data_type as sqlType, is_nullable as isNullable, comment
           from duckdb_columns()
          where schema_name = 'blog_analysis' and table_name = 'votes' order by column_index`,
      );
      expect(columns.slice(0, -1)).toEqual(
        voteFields.map(({ name, sqlType, required, comment }) => ({
          name,
          sqlType,
          isNullable: !required,
          comment,
        })),
      );
      expect(columns.at(-1)).toMatchObject({ name: 'FileId', sqlType: 'INTEGER' });
      const types = await warehouse.rows(
        z.object({ type: z.int(), name: z.string() }),
        'select VoteTypeId as type, Name as name from blog_analysis.vote_types order by all',
      );
      expect(types.map(({ type, name }) => [type, name])).toEqual([...voteTypes]);
    } finally {
      warehouse.close();
    }
  });
});

test('every table and view says what its rows are', async () => {
  await withTemporaryFolder(async (folder) => {
    const warehouse = await openForWriting({ path: join(folder, 'w.db'), lockTimeoutMs: 0 });
    const silent = await warehouse.rows(
      z.object({ name: z.string() }),
      `select name from (
         select schema_name, table_name as name, comment from duckdb_tables()
         union all
         select schema_name, view_name, comment from duckdb_views() where not internal)
        where schema_name = 'blog_analysis' and comment is null`,
    );
    warehouse.close();
    expect(silent).toEqual([]);
  });
});
