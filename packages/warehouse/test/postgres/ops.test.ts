import { attemptOutcomes } from '@sluice/schemas/jao';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import {
  acquireLease,
  bumpCounters,
  closeAttempt,
  compressPayload,
  hashPayload,
  holdLease,
  quarantineItems,
  readPayload,
  recordDrift,
  releaseLease,
  renewLease,
} from '../../src/postgres/index.ts';
import type { PostgresDatabase } from '../../src/postgres/index.ts';
import { openAs } from '../../src/postgres/testing.ts';
import { createOpsDatabase, servers, useWorker } from './databases.ts';
import { openWindow, startRun } from './sample-run.ts';

describe.each(servers)('the ledger of attempts on $label', (named) => {
  let db: PostgresDatabase;
  let runId: string;

  useWorker(named, (opened) => {
    db = opened;
  });

  beforeEach(async () => {
    runId = await startRun(db);
  });

  let windows = 0;

  /** Each for a window of its own. */
  async function attempt(): Promise<number> {
    windows += 1;
    return openWindow(db, runId, { lengthMs: windows });
  }

  test('an attempt is there before its request, and ends with its payload, which is kept once', async () => {
    const bytes = Buffer.from(JSON.stringify({ data: Array.from({ length: 500 }, (_, n) => n) }));
    const payload = await compressPayload(bytes);
    expect(payload.content.length).toBeLessThan(bytes.length);
    const ids = [await attempt(), await attempt()];
    for (const attemptId of ids) {
      await closeAttempt(db, {
        attemptId,
        outcome: 'stored',
        httpStatus: 200,
        durationMs: 12.4,
        wireBytes: 100,
        firstRowId: 2n ** 60n,
        etag: '"x"',
        added: 7,
        payload,
      });
    }
    expect(
      await db.query(
        `select outcome, http_status, duration_ms, wire_bytes, p.decoded_bytes, first_row_id, etag,
                added, revised, payload_hash, first_attempt_id
           from ops.attempt join ops.payload p using (payload_hash) where attempt_id = $1`,
        [ids[1]],
      ),
    ).toEqual([
      {
        outcome: 'stored',
        http_status: 200,
        duration_ms: 13,
        wire_bytes: 100,
        decoded_bytes: bytes.length,
        first_row_id: 2n ** 60n,
        etag: '"x"',
        added: 7,
        revised: 0,
        payload_hash: hashPayload(bytes),
        first_attempt_id: ids[0],
      },
    ]);
    expect(await readPayload(db, payload.hash)).toEqual(bytes);
    expect(await readPayload(db, hashPayload(Buffer.from('other')))).toBeUndefined();
  });

  test('bytes that compression only makes longer are kept as they are, also none', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('[]')]) {
      const payload = await compressPayload(bytes);
      expect(payload.encoding).toBe('identity');
      await closeAttempt(db, { attemptId: await attempt(), outcome: 'empty', payload });
      expect(await readPayload(db, payload.hash)).toEqual(bytes);
    }
  });

  test('every outcome that the contract knows can be stored, and no other', async () => {
    for (const outcome of attemptOutcomes) {
      if (outcome !== 'running') {
        await closeAttempt(db, { attemptId: await attempt(), outcome });
      }
    }
    await expect(
      db.run(`update ops.attempt set outcome = 'lost' where attempt_id = $1`, [await attempt()]),
    ).rejects.toMatchObject({ code: 'CONSTRAINT' });
  });

  test('quarantine takes any text, and says how long it was', async () => {
    const attemptId = await attempt();
    const item = {
      pointer: '/data/0/border_AT_BE',
      seriesKey: 'border_AT_BE',
      deliveryStartMs: Date.UTC(2024, 2, 31),
      reason: 'not_a_number',
      message: 'a text',
    };
    const raws = ['a\0b', '\ud800', `"'; drop table ops.run; --{}`, 'x'.repeat(10_000), ''];
    const count = await db.transaction((tx) =>
      quarantineItems(
        tx,
        {
          runId,
          attemptId,
          dataset: 'core/maxExchanges',
          businessDay: '2024-03-31',
          url: 'http://127.0.0.1/',
          contractVersion: '1',
        },
        raws.map((raw) => ({ ...item, raw })),
      ),
    );
    expect(count).toBe(raws.length);
    const rows = await db.rows(
      z.object({ raw: z.string(), raw_length: z.int(), state: z.string(), series_key: z.string() }),
      `select raw, raw_length, state, series_key from ops.quarantine where attempt_id = $1
        order by quarantine_id`,
      [attemptId],
    );
    expect(rows.map(({ raw }) => raw)).toEqual([
      'a\u2400b',
      '\ufffd',
      raws[2],
      'x'.repeat(4_096),
      '',
    ]);
    expect(rows.map(({ raw_length }) => raw_length)).toEqual(raws.map(({ length }) => length));
  });

  test('drift is told once, and counted after', async () => {
    const source = { dataset: runId, attemptId: await attempt() };
    const items = [
      { kind: 'unknown_field', value: 'b' },
      { kind: 'key_pattern', value: 'a' },
      { kind: 'unknown_field', value: 'b' },
    ];
    expect(await recordDrift(db, source, items)).toHaveLength(2);
    expect(await recordDrift(db, source, items)).toEqual([]);
    expect(
      await db.query('select kind, times from ops.drift where dataset = $1 order by kind', [runId]),
    ).toEqual([
      { kind: 'key_pattern', times: 2 },
      { kind: 'unknown_field', times: 2 },
    ]);
  });

  test('counters of many transactions at once add up, in whatever order they are given', async () => {
    const steps = ['a', 'b', 'c', 'd'].map((reason) => ({
      name: `test_${runId}`,
      labels: { dataset: 'x', reason },
      by: 2,
    }));
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        db.transaction((tx) =>
          bumpCounters(tx, n % 2 === 0 ? steps : [...steps].reverse().concat(steps.slice(0, 1))),
        ),
      ),
    );
    expect(
      await db.query(
        `select labels ->> 'reason' as reason, value from ops.counter where name = $1 order by 1`,
        [`test_${runId}`],
      ),
    ).toEqual([
      { reason: 'a', value: 150 },
      { reason: 'b', value: 100 },
      { reason: 'c', value: 100 },
      { reason: 'd', value: 100 },
    ]);
  });

  test('a lease has one holder, however many ask, and who lost it is told', async () => {
    const ask = (holder: string) =>
      acquireLease(db, { name: `scheduler ${runId}`, holder, runId: randomUUID(), ttlMs: 60_000 });
    const got = (await Promise.all(Array.from({ length: 20 }, (_, n) => ask(String(n))))).filter(
      (lease) => lease !== undefined,
    );
    expect(got).toHaveLength(1);
    const [first] = got;
    if (first === undefined) {
      throw new Error('no lease');
    }
    expect(await renewLease(db, first, 60_000)).toBe(true);
    await db.transaction((tx) => holdLease(tx, first));
    expect(await releaseLease(db, first)).toBe(true);
    expect(await ask('next')).toMatchObject({ token: 2 });
    expect(await renewLease(db, first, 60_000)).toBe(false);
    expect(await releaseLease(db, first)).toBe(false);
    await expect(db.transaction((tx) => holdLease(tx, first))).rejects.toMatchObject({
      code: 'FENCED',
    });
  });

  test('a worker deletes nothing, and changes nothing of what only grows', async () => {
    for (const sql of [
      'delete from ops.attempt',
      'delete from ops.run',
      'delete from ops.payload',
      `update ops.payload set encoding = 'identity'`,
      `update ops.attempt set url = ''`,
      `update ops.quarantine set raw = ''`,
      `update ops.migration set version = 9`,
      `update ops.check_result set outcome = 'passed'`,
      'delete from ops.check_result',
      'delete from ops.check_failure',
      'truncate ops.counter',
      'create table ops.mine ()',
      'create temporary table mine ()',
    ]) {
      await expect(db.run(sql), sql).rejects.toMatchObject({ code: 'DENIED' });
    }
  });
});

describe.each(servers)('the other roles on $label', (named) => {
  test('metrics reads all but the contents of payloads; a reader sees nothing of ops', async () => {
    const database = await createOpsDatabase(named);
    const metrics = await openAs(database, 'metrics');
    await metrics.query('select count(*) from ops.attempt');
    await metrics.query('select count(*), sum(decoded_bytes) from ops.payload');
    await metrics.query('select count(*) from ops.check_result');
    await expect(metrics.query('select * from ops.check_failure')).rejects.toMatchObject({
      code: 'DENIED',
    });
    await expect(metrics.query('select content from ops.payload')).rejects.toMatchObject({
      code: 'DENIED',
    });
    await metrics.close();
    const reader = await openAs(database, 'reader');
    await expect(reader.query('select * from ops.run')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(reader.query('create temporary table mine ()')).rejects.toMatchObject({
      code: 'DENIED',
    });
    await reader.close();
  });

  test('every table and every table that has columns of its own is described', async () => {
    const database = await createOpsDatabase(named);
    const owner = await openAs(database, 'owner');
    expect(
      await owner.query(
        `select relname from pg_class c join pg_namespace n on n.oid = relnamespace
          where nspname = 'ops' and relkind = 'r' and obj_description(c.oid, 'pg_class') is null`,
      ),
    ).toEqual([]);
    await owner.close();
  });
});
