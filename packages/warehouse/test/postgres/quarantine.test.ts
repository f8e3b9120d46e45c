import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  decideQuarantined,
  lockQuarantined,
  openAttempt,
  quarantineItems,
  recordDecision,
  startPostgresRun,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { servers, useWorker } from './databases.ts';

describe.each(servers)('decisions about quarantine on $label', (named) => {
  let db: PostgresDatabase;
  let runId: string;

  useWorker(named, (opened) => {
    db = opened;
  });

  beforeEach(async () => {
    runId = randomUUID();
    await startPostgresRun(db, {
      ...{ runId, app: 'jao-scraper', command: 'test', heartbeatTtlMs: 60_000 },
      ...{ appVersion: '1.0.0', contractVersion: '1' },
    });
  });

  async function putAside(raws: readonly string[], checkId?: string): Promise<number[]> {
    const attemptId = await openAttempt(db, {
      runId,
      dataset: `test/${runId}`,
      windowStartMs: 0,
      windowEndMs: 1,
      origin: 'http://127.0.0.1',
      url: 'http://127.0.0.1/',
      contractVersion: '1',
    });
    const source = {
      ...{ runId, attemptId, dataset: `test/${runId}`, businessDay: '2024-03-31' },
      ...{ url: 'http://127.0.0.1/', contractVersion: '1' },
    };
    const place = { pointer: '/data/0/a', seriesKey: 'a', deliveryStartMs: 0 };
    await db.transaction((tx) =>
      quarantineItems(
        tx,
        source,
        raws.map((raw) => ({ ...place, reason: 'not_a_number', message: 'a text', raw, checkId })),
      ),
    );
    const rows = await db.rows(
      z.object({ id: z.int() }),
      'select quarantine_id as id from ops.quarantine where attempt_id = $1 order by 1',
      [attemptId],
    );
    return rows.map(({ id }) => id);
  }

  const decision = { state: 'discarded', by: 'anna', reason: 'a\0 test' } as const;

  test('an entry is decided once; later decisions change nothing, and the engine sees to it', async () => {
    const ids = await putAside(['x', 'y']);
    const [first = 0] = ids;
    const decide = (chosen: readonly number[], by: string) =>
      db.transaction(async (tx) => {
        const found = await lockQuarantined(tx, chosen);
        return { found, decided: await decideQuarantined(tx, chosen, { ...decision, by, runId }) };
      });
    expect(await decide([first], 'anna')).toMatchObject({
      found: [{ id: first, state: 'open', reasonCode: 'not_a_number', decision: undefined }],
      decided: 1,
    });
    expect(await decide([...ids, 0], 'ben')).toMatchObject({
      found: [
        {
          id: first,
          state: 'discarded',
          decision: { state: 'discarded', by: 'anna', reason: 'a\u2400 test', runId },
        },
        { id: ids[1], state: 'open' },
      ],
      decided: 1,
    });
    for (const change of [`state = 'open', decided_at = null`, `decided_by = 'ben'`]) {
      await expect(
        db.run(`update ops.quarantine set ${change} where quarantine_id = $1`, [first]),
      ).rejects.toThrow(/was discarded by anna/);
    }
    expect(
      await db.query(
        `select labels ->> 'state' as state, value from ops.counter
          where name = 'sluice_quarantine_decided_total' and labels ->> 'dataset' = $1`,
        [`test/${runId}`],
      ),
    ).toEqual([{ state: 'discarded', value: 2 }]);
  });

  test('an entry names the check that held it back, and may be decided from another moment on', async () => {
    const [id = 0] = await putAside(['x'], 'cells.value.floor');
    const at = new Date('2026-01-01T00:00:00.123Z');
    await db.transaction((tx) => recordDecision(tx, [id], { ...decision, runId }, at));
    expect(
      await db.query('select check_id, decided_at from ops.quarantine where quarantine_id = $1', [
        id,
      ]),
    ).toEqual([{ check_id: 'cells.value.floor', decided_at: at }]);
  });

  test('of many who decide at once one wins, and the others are told who', async () => {
    const [id = 0] = await putAside(['x']);
    const deciders = Array.from({ length: 8 }, (_, index) => `person ${index}`);
    const results = await Promise.all(
      deciders.map((by) =>
        db.transaction(async (tx) => {
          const [found] = await lockQuarantined(tx, [id]);
          const decided = await decideQuarantined(tx, [id], { ...decision, by, runId });
          return { by, told: found?.decision?.by, decided };
        }),
      ),
    );
    const winners = results.filter(({ decided }) => decided === 1);
    expect(winners).toHaveLength(1);
    expect(winners[0]?.told).toBeUndefined();
    const told = results.filter(({ decided }) => decided === 0);
    expect(told.map((result) => result.told)).toEqual(told.map(() => winners[0]?.by));
  });

  test.each([
    ['without who', `state = 'discarded', decided_at = now(), decision_reason = 'x'`],
    ['without why', `state = 'discarded', decided_at = now(), decided_by = 'x'`],
    ['without when', `state = 'discarded', decided_by = 'x', decision_reason = 'x'`],
    ['to nothing', `decided_at = now(), decided_by = 'x', decision_reason = 'x'`],
  ])('a decision %s is refused', async (_, change) => {
    const [id] = await putAside(['x']);
    await expect(
      db.run(`update ops.quarantine set ${change} where quarantine_id = $1`, [id]),
    ).rejects.toMatchObject({ code: 'CONSTRAINT' });
  });
});
