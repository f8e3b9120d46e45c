import { FakeStream, hostileCharacter } from '@sluice/command-line/testing';
import { exitCodes, quarantineDetailSchema } from '@sluice/schemas';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { quarantineCommand } from '../../src/quarantine/list-command.ts';
import { showCommand } from '../../src/quarantine/show-command.ts';
import { CliProcess } from '../cli/cli-process.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

/** Whatever may stand in a line: what a terminal acts on, what is no text, and what looks like none. */
const hostileLines: readonly (readonly [string, Buffer])[] = [
  ['escapes of a terminal', Buffer.from('\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u009b1m')],
  ['NUL and other controls', Buffer.from('a\0b\u0001\u0008\u000b\u007f\tz')],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x41, 0x80, 0xc3])],
  ['a return in the middle', Buffer.from('safe\rrm -rf')],
  ['a text that runs backwards', Buffer.from('{"Id":"\u202e\u2066evil\u200b\ufeff\u2028"}')],
  ['a mark at its beginning', Buffer.from('\ufeff\ufeffno json')],
  ['a formula', Buffer.from('=HYPERLINK("http://evil","x")')],
  ['1 MiB', Buffer.alloc(2 ** 20, 'y')],
  ['a megabyte of escapes', Buffer.alloc(1_000_000, '\u001b]')],
];

async function withHostileFile(use: (loaded: LoadedWarehouse) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const path = join(folder, 'hostile.jsonl');
    const lines = [Buffer.from(voteLine(1)), ...hostileLines.map(([, bytes]) => bytes)];
    await writeFile(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
    await loaded.ingest([path]);
    await use(loaded);
  });
}

test('--raw gives the bytes exactly, whatever they are', async () => {
  await withHostileFile(async (loaded) => {
    for (const [index, [what, bytes]] of hostileLines.entries()) {
      const path = join(loaded.folder, 'raw');
      const file = openSync(path, 'w');
      const show = ['quarantine', 'show', String(index + 1), '--raw'];
      const { ended } = new CliProcess([...show, '--warehouse', loaded.path], {
        cwd: loaded.folder,
        stdout: file,
      });
      expect(await ended, what).toMatchObject({ exitCode: exitCodes.done, stderr: '' });
      closeSync(file);
      expect((await readFile(path)).equals(bytes), what).toBe(true);
    }
  });
}, 60_000);

test('to a person no control character comes through, of any line', async () => {
  await withHostileFile(async (loaded) => {
    for (const [index, [what]] of hostileLines.entries()) {
      const context = fakeContext(loaded.path, { output: new FakeStream({ isTTY: true }) });
      await showCommand(context, { args: [String(index + 1)], format: 'table' });
      expect(hostileCharacter.exec(context.printed() + context.said()), what).toBeNull();
    }
    const context = fakeContext(loaded.path);
    await showCommand(context, { args: ['3'], format: 'table' });
    expect(context.printed()).toContain(
      'raw bytes, which are no UTF-8:\n\\xff\\xfe\\x00\\x1b[A\\x80\\xc3\n',
    );
  });
});

test('no listing lets one through either, and no CSV cell is a formula', async () => {
  await withHostileFile(async (loaded) => {
    for (const format of ['table', 'csv'] as const) {
      const context = fakeContext(loaded.path);
      await quarantineCommand(context, { format });
      expect(context.printed()).toContain('HYPERLINK');
      expect(context.printed()).not.toMatch(/^=|,=|,"=/m);
      if (format === 'table') {
        expect(context.printed()).not.toMatch(hostileCharacter);
      }
    }
  });
});

test('an entry is shown with its place, why, and what happened to it', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const path = await loaded.load('a.jsonl', [voteLine(1), '', '{"Id":2}']);
    const { runId } = (await loaded.status()).runs[0] ?? {};
    const reason = 'a test record';
    const discarding = fakeContext(loaded.path);
    await discardCommand(discarding, { args: ['1'], by: 'anna', reason, format: 'json' });
    const context = fakeContext(loaded.path);

    expect(await showCommand(context, { args: ['1'], format: 'json' })).toBe(exitCodes.done);

    const detail = quarantineDetailSchema.parse(JSON.parse(context.printed()));
    expect(detail).toMatchObject({
      id: 1,
      runId,
      file: path,
      fileOutcome: 'ingested',
      fileSha256: createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
      line: 3,
      reason: 'missing_field',
      raw: '{"Id":2}',
      rawBytes: 8,
      contractVersion: '1',
      state: 'discarded',
      decision: { state: 'discarded', by: 'anna', reason },
    });
    expect(detail.history).toEqual([
      {
        state: 'open',
        at: detail.createdAt,
        by: 'votes-ingest',
        reason: 'missing_field: PostId is absent',
        runId,
      },
      detail.decision,
    ]);
    const table = fakeContext(loaded.path);
    await showCommand(table, { args: ['1'], format: 'table' });
    for (const part of [path, 'line      3', '8 bytes', 'anna', reason, 'raw text:\n{"Id":2}\n']) {
      expect(table.printed()).toContain(part);
    }
  });
});

test('a line that was cut is shown as far as it is kept, which is said with its hash', async () => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    const path = join(folder, 'long.jsonl');
    const long = 'x'.repeat(2 ** 20 + 1);
    await writeFile(path, `${voteLine(1)}\n${long}\n`);
    await loaded.ingest([path]);
    const context = fakeContext(loaded.path);

    await showCommand(context, { args: ['1'], raw: true, format: 'table' });

    expect(context.printed()).toBe(long.slice(0, 64 * 1024));
    expect(context.said()).toContain(
      `1048577 bytes with SHA-256 ${createHash('sha256').update(long).digest('hex')}, and is line 2`,
    );
  });
});

test.each([
  ['an id that is not there', '7', exitCodes.usage, /there is no entry 7 in the quarantine of/],
  ['no id', 'seven', exitCodes.usage, /"seven": an entry's id is a whole number/],
])('%s is refused', async (_, id, exitCode, message) => {
  await withTemporaryFolder(async (folder) => {
    const loaded = new LoadedWarehouse(folder);
    await loaded.load('a.jsonl', [voteLine(1)]);

    const showing = showCommand(fakeContext(loaded.path), { args: [id], format: 'json' });

    await expect(showing).rejects.toMatchObject({ exitCode });
    await expect(showing).rejects.toThrow(message);
  });
});
