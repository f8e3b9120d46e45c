import { jaoEventSchema, jaoEventTypes } from '@sluice/schemas/jao';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';

import { switchOutboxOn } from '../../src/outbox/outbox-switch.ts';
import { openOwnedStore } from '../store/use-store.ts';
import {
  deliver,
  deliveryContext,
  otherSecret,
  webhookSecret,
  writeRevision,
} from './deliveries.ts';

const page = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8');

function blockOf(language: string): string {
  const [, block = ''] =
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(
      page.slice(page.indexOf(`\`\`\`${language}\n`)),
    ) ?? [];
  return block;
}

test('the page tells of each type, and shows an event that keeps its contract', () => {
  for (const type of jaoEventTypes) {
    expect(page).toContain(`| \`${type}\``);
  }
  const shown: unknown = JSON.parse(blockOf('json'));
  expect(jaoEventSchema.parse(shown)).toEqual(shown);
});

test('the receiver of the page takes what is signed, once, and nothing else', async () => {
  const { database, store } = await openOwnedStore();
  await switchOutboxOn(store.db);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-receiver-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'receiver.mjs');
  await writeFile(path, blockOf('js'));
  const child = spawn(process.execPath, [path], {
    env: { WEBHOOK_SECRET: webhookSecret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'close');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  const [url = ''] = /http:\S+/.exec(await line()) ?? [];

  await writeRevision(store.db);
  const forged = deliveryContext(database, url, { webhookSecret: otherSecret });
  expect(await deliver(forged)).toMatchObject({ failed: 1 });
  expect(forged.said()).toContain('http_4xx (HTTP 401)');
  for (const secret of [`${otherSecret} ${webhookSecret}`, webhookSecret]) {
    const context = deliveryContext(database, url, { webhookSecret: secret });
    expect(await deliver(context)).toMatchObject({ delivered: 1 });
    // As where the answer was lost.
    await store.db.run(`update ops.outbox set state = 'pending', settled_at = null`);
  }
  await store.db.run(
    `update ops.outbox set state = 'discarded', settled_at = clock_timestamp() where state = 'pending'`,
  );
  await writeRevision(store.db, { day: '2026-01-21' });
  expect(await deliver(deliveryContext(database, url))).toMatchObject({ delivered: 1 });
  expect(await line()).toMatch(/^sluice\.jao\.revision core\/maxExchanges\/2026-01-20 \{/);
  expect(await line()).toMatch(/^sluice\.jao\.revision core\/maxExchanges\/2026-01-21 \{/);
});
