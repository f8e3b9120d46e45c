import { FakeStream } from '@sluice/command-line/testing';
import { exitCodes, quarantineEntrySchema } from '@sluice/schemas';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { quarantineCommand } from '../../src/quarantine/list-command.ts';
import type { QuarantineCommandOptions } from '../../src/quarantine/list-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const badLines = ['no json', voteLine(1), '{"Id":2}', '=1+1'];

async function withBadFile(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('bad.jsonl', badLines);
    await use(loaded);
  });
}

test('the JSON is one array that keeps its published schema, in the order of the lines', async () => {
  await withBadFile(async (loaded) => {
    const context = fakeContext(loaded.path);

    expect(await quarantineCommand(context, { format: 'json' })).toBe(exitCodes.done);

    const entries = z.array(quarantineEntrySchema).parse(JSON.parse(context.printed()));
    expect(entries.map(({ id, line, reason, raw }) => [id, line, reason, raw])).toEqual([
      [1, 1, 'not_json', 'no json'],
      [2, 3, 'missing_field', '{"Id":2}'],
      [3, 4, 'not_json', '=1+1'],
    ]);
    expect(entries[0]).toMatchObject({
      file: join(loaded.folder, 'bad.jsonl'),
      rawBytes: 7,
      contractVersion: '1',
      state: 'open',
    });
    expect(entries[0]).not.toHaveProperty('rawBase64');
    expect(entries[0]).not.toHaveProperty('rawSha256');
  });
});

test('a line that is no UTF-8 is given in base64, one that is too long is cut and hashed', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const path = join(folder, 'odd.jsonl');
    const long = 'x'.repeat(2 ** 20 + 1);
    await writeFile(path, Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(`${long}\n{}\n`)]));
    await loaded.ingest([path]);
    const context = fakeContext(loaded.path);

    await quarantineCommand(context, { format: 'json' });

    const entries = z.array(quarantineEntrySchema).parse(JSON.parse(context.printed()));
    expect(entries[0]).toMatchObject({ reason: 'bad_encoding', rawBase64: '/w==', rawBytes: 1 });
    expect(entries[0]).not.toHaveProperty('raw');
    expect(entries[1]).toMatchObject({ reason: 'too_long', rawBytes: long.length });
    expect(entries[1]?.raw).toHaveLength(64 * 1024);
    expect(entries[1]?.rawSha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('--reason-code and --run choose entries', async () => {
  await withBadFile(async (loaded) => {
    const { runId } = await loaded.ingest([await loaded.write('other.jsonl', ['nor this', '{}'])]);
    const contexts = [fakeContext(loaded.path), fakeContext(loaded.path)] as const;

    await quarantineCommand(contexts[0], { format: 'json', run: runId });
    await quarantineCommand(contexts[1], { format: 'json', reasonCode: 'missing_field' });

    const [ofRun, ofReason] = contexts.map((context) =>
      z.array(quarantineEntrySchema).parse(JSON.parse(context.printed())),
    );
    expect(ofRun?.map(({ raw }) => raw)).toEqual(['nor this', '{}']);
    expect(ofReason?.map(({ raw }) => raw)).toEqual(['{"Id":2}', '{}']);
  });
});

test('entries that are no longer open are not listed', async () => {
  await withBadFile(async (loaded) => {
    await loaded.run(
      `update ops.quarantine set state = 'replayed', decided_at = now(), decided_by = 'anna', decision_reason = 'why'`,
    );
    const context = fakeContext(loaded.path);

    await quarantineCommand(context, { format: 'json' });

    expect(JSON.parse(context.printed())).toEqual([]);
  });
});

test('an unknown reason is wrong usage, and the codes are named', async () => {
  const context = fakeContext('nowhere.db');

  const listing = quarantineCommand(context, { format: 'json', reasonCode: 'too_odd' });

  await expect(listing).rejects.toMatchObject({ exitCode: exitCodes.usage });
  await expect(listing).rejects.toThrow(/"too_odd".*not_json, not_an_object, duplicate_key/);
});

test.each([
  ['no id', 'yesterday', exitCodes.usage],
  ['a run that is not there', '01890000-0000-7000-8000-000000000000', exitCodes.usage],
])('--run with %s is refused', async (_, run, exitCode) => {
  await withBadFile(async (loaded) => {
    const listing = quarantineCommand(fakeContext(loaded.path), { format: 'json', run });

    await expect(listing).rejects.toMatchObject({ exitCode });
    await expect(listing).rejects.toThrow(/votes-ingest runs/);
  });
});

test.each<[string, Partial<QuarantineCommandOptions>, RegExp]>([
  ['a file', { file: 'nowhere.jsonl' }, /has no file of that name or SHA-256/],
  ['a check', { check: 'votes.type.knwon' }, /"votes.type.knwon" \(did you mean votes.type.known/],
])('%s that there is not is wrong usage', async (_, options, message) => {
  await withBadFile(async (loaded) => {
    const listing = quarantineCommand(fakeContext(loaded.path), { format: 'json', ...options });
    await expect(listing).rejects.toMatchObject({ exitCode: exitCodes.usage });
    await expect(listing).rejects.toThrow(message);
  });
});

test('csv is safe from formulas', async () => {
  await withBadFile(async (loaded) => {
    const context = fakeContext(loaded.path);

    await quarantineCommand(context, { format: 'csv' });

    const lines = context.printed().split('\n');
    expect(lines[0]).toMatch(/^id,runId,file,line,reason,checkId,message,raw,rawBase64,rawBytes,/);
    expect(context.printed()).toContain(`,'=1+1,`);
    expect(context.printed()).not.toContain(',=1+1,');
  });
});

test('a table is cut at 1,000 rows, and says so', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('bad.jsonl', [voteLine(1), ...Array<string>(1_200).fill('x')]);
    const context = fakeContext(loaded.path);

    await quarantineCommand(context, { format: 'table' });

    expect(context.printed().match(/not_json/g)).toHaveLength(1_000);
    expect(context.said()).toMatch(/first 1000 of 1200; --format json or csv has all/);
  });
});

test('an empty quarantine is an empty table, and no error', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('good.jsonl', [voteLine(1)]);
    const context = fakeContext(loaded.path);

    expect(await quarantineCommand(context, { format: 'table' })).toBe(exitCodes.done);
    expect(context.said()).toBe('');
  });
});

test('entries of many pages come once each, in order', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const long = Array.from({ length: 12 }, (_, index) => `${index}${'x'.repeat(900_000)}`);
    await loaded.load('bad.jsonl', [voteLine(1), ...long]);
    const context = fakeContext(loaded.path, { output: new FakeStream() });

    await quarantineCommand(context, { format: 'json' });

    const entries = z.array(quarantineEntrySchema).parse(JSON.parse(context.printed()));
    expect(entries.map(({ raw }) => raw)).toEqual(long);
  });
});

test('--state, --file and --since choose entries, also decided ones', async () => {
  await withBadFile(async (loaded) => {
    const other = await loaded.load('other.jsonl', ['nor this', voteLine(9)]);
    await loaded.run(
      `update ops.quarantine set created_at = '2020-01-01T00:00:00Z' where id = 2`,
      `update ops.quarantine set state = 'discarded', decided_at = now(), decided_by = 'anna',
              decision_reason = 'why' where id = 3`,
    );
    const idsOf = async (options: Partial<QuarantineCommandOptions>) => {
      const context = fakeContext(loaded.path);
      await quarantineCommand(context, { format: 'json', ...options });
      return z
        .array(quarantineEntrySchema)
        .parse(JSON.parse(context.printed()))
        .map(({ id }) => id);
    };

    expect(await idsOf({})).toEqual([1, 2, 4]);
    expect(await idsOf({ state: ['discarded'] })).toEqual([3]);
    expect(await idsOf({ state: ['all'] })).toEqual([1, 2, 3, 4]);
    expect(await idsOf({ state: ['open', 'discarded'], reasonCode: 'not_json' })).toEqual([
      1, 3, 4,
    ]);
    expect(await idsOf({ file: 'other.jsonl' })).toEqual([4]);
    expect(await idsOf({ file: other })).toEqual([4]);
    expect(await idsOf({ since: '2021-01-01T00:00:00+01:00' })).toEqual([1, 4]);
    await expect(idsOf({ state: ['closed'] })).rejects.toThrow(
      /"closed": there are open, released, discarded, replayed, all/,
    );
  });
});
