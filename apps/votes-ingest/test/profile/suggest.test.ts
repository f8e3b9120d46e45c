import { runChecks } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import { steadyCalendar, suggestedProfileSchema, voteSuite } from '@sluice/schemas/expectations';
import type { Expectation } from '@sluice/schemas/expectations';
import { generateVotes } from '@sluice/votes-generator';
import { DuckDbWarehouse } from '@sluice/warehouse';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { profileCommand } from '../../src/profile/profile-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const dayMs = 86_400_000;

async function withGeneratedVotes(use: (path: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const warehouse = new LoadedWarehouse(folder);
    const file = join(folder, 'votes.jsonl');
    await writeFile(file, generateVotes({ rows: 20_000, seed: 7 }));
    await warehouse.ingest([file]);
    await use(warehouse.path);
  });
}

test('votes suggest which types have a voter and a bounty, and all that they suggest holds', async () => {
  await withGeneratedVotes(async (path) => {
    const context = fakeContext(path);
    expect(await profileCommand(context, { format: 'json', suggest: true })).toBe(0);
    const { suggestions, days } = suggestedProfileSchema.parse(JSON.parse(context.printed()));
    const found = new Map(suggestions.map((item) => [item.expectation.id, item]));
    expect(found.get('votes.user_id.missing')).toMatchObject({
      expectation: {
        column: 'UserId',
        expectedWhen: { column: 'VoteTypeId', in: [5, 8] },
        unexpected: { warn: { count: 0 } },
      },
      existing: 'votes.user',
    });
    expect(found.get('votes.bounty_amount.missing')).toMatchObject({
      expectation: {
        column: 'BountyAmount',
        expectedWhen: { column: 'VoteTypeId', in: [8, 9] },
        unexpected: { warn: { count: 0 } },
      },
      existing: 'votes.bounty',
    });
    expect(found.get('votes.id.unique')?.existing).toBe('votes.id.unique');
    expect(found.get('votes.id.filled')?.existing).toBe('contract');
    expect(found.get('votes.post_id.range')?.existing).toBeNull();

    const warehouse = await DuckDbWarehouse.open({ path, access: 'read', lockTimeoutMs: 0 });
    const declared = suggestions.map(({ expectation }) => expectation);
    const results = await runChecks({
      engine: duckDbEngine(warehouse),
      relation: { schema: 'blog_analysis', table: 'votes' },
      suite: { ...voteSuite, expectations: declared as unknown as Expectation[] }, // as they were printed
      runId: '01890000-0000-7000-8000-000000000000',
      now: new Date(Date.parse(days.last ?? '') + dayMs),
      calendar: steadyCalendar({
        firstMs: Date.parse(days.first ?? ''),
        stepMs: dayMs,
        dueAfterMs: 0,
      }),
    });
    warehouse.close();
    const broken = results.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
    expect(broken).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });
});

test('people get declarations to paste, and what is there already as a table', async () => {
  await withGeneratedVotes(async (path) => {
    const context = fakeContext(path);
    await profileCommand(context, { format: 'table', suggest: true });
    expect(context.printed()).toContain('expectations are suggested by the data');
    expect(context.printed()).toMatch(/id: 'votes\.post_id\.range', kind: 'range'/);
    expect(context.printed()).toMatch(/votes\.user_id\.missing +│ votes\.user /);
  });
});

test('without the flag nothing is suggested', async () => {
  await withGeneratedVotes(async (path) => {
    const context = fakeContext(path);
    await profileCommand(context, { format: 'json' });
    expect(JSON.parse(context.printed())).not.toHaveProperty('suggestions');
  });
});
