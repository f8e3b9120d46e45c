import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findChromium, PageChecker } from '@sluice/page-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { renderReport } from '../src/index.ts';
import { sampleDocument } from './sample-document.ts';

const chromium = findChromium();
const hostile =
  '</script><script>alert("script")</script>"><img src=x onerror=alert("image")>\'><svg onload=alert(1)>' +
  '</title></style></text></svg><a href="javascript:alert(2)">x</a>&lt;b&gt;\u202e\u2066\u0000\u001b[31m\u200b\ud800\n';

describe.skipIf(chromium === undefined)('in Chromium (skipped where there is none)', () => {
  let checker: PageChecker;
  let folder: string;

  beforeAll(async () => {
    checker = await PageChecker.open();
    folder = await mkdtemp(join(tmpdir(), 'sluice-report-'));
    await writeFile(join(folder, 'report.html'), await renderReport(sampleDocument()));
    await writeFile(
      join(folder, 'hostile.html'),
      await renderReport(sampleDocument({ hostile, rows: 6, runs: 4 })),
    );
    await writeFile(
      join(folder, 'empty.html'),
      await renderReport({
        ...sampleDocument(),
        sections: [
          { kind: 'runs', unit: 'records', runs: [], total: 0, emptyHint: 'Nothing ran yet.' },
        ],
      }),
    );
  });
  afterAll(async () => {
    await checker.close();
    await rm(folder, { recursive: true });
  });

  test.each([
    { name: 'report', widthPixels: 1200, scheme: 'light' },
    { name: 'report', widthPixels: 1200, scheme: 'dark' },
    { name: 'report', widthPixels: 320, scheme: 'light' },
    { name: 'report', widthPixels: 320, scheme: 'dark' },
    { name: 'empty', widthPixels: 320, scheme: 'light' },
    { name: 'hostile', widthPixels: 320, scheme: 'light' },
    { name: 'hostile', widthPixels: 1200, scheme: 'dark' },
  ] as const)(
    '$name at $widthPixels px, $scheme: asks for nothing, fits, leaves nobody out',
    async ({ name, widthPixels, scheme }) => {
      const findings = await checker.check(join(folder, `${name}.html`), {
        widthPixels,
        scheme,
        unfolds: true,
      });
      expect(findings).toMatchObject({
        messages: [],
        requests: [],
        dialogs: [],
        active: [],
        violations: [],
        overflowPixels: 0,
        language: 'en',
      });
    },
  );

  test('charts have a name and say in words what they show; tables have captions', async () => {
    const { images, tables, headingLevels } = await checker.check(join(folder, 'report.html'), {
      widthPixels: 1200,
      scheme: 'light',
    });
    expect(images.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Coverage of core\/maxExchanges: 24 rows of series/),
        expect.stringMatching(/^Duration of each run/),
        expect.stringMatching(/^Trend of votes.failed.example/),
        expect.stringMatching(/^Cells of core\/maxExchanges that changed/),
        expect.stringMatching(/^votes by week/),
      ]),
    );
    for (const { name, description } of images) {
      expect(name).not.toBe('');
      expect(description).toMatch(/\d/);
    }
    expect(tables.join('\n')).toContain(
      'cells by state, with the colours and marks of the calendar',
    );
    expect(tables).not.toContain('');
    expect(headingLevels[0]).toBe(1);
    expect(headingLevels.filter((level) => level === 1)).toHaveLength(1);
  });

  test('hostile text is there to be read, with every character that hides', async () => {
    const { text, title } = await checker.check(join(folder, 'hostile.html'), {
      widthPixels: 1200,
      scheme: 'light',
      unfolds: true,
    });
    const seen = hostile
      .replace('\u202e\u2066\u0000\u001b', String.raw`\u202e\u2066\u0000\u001b`)
      .replace('\u200b\ud800\n', String.raw`\u200b\ud800\n`);
    expect(title).toContain(seen);
    const places = [
      'border_A0_B0', // a key
      'incoming/votes.jsonl, line 12', // a file
      'bad_timestamp', // a reason
      'never asked for',
      'votes.failed.example',
      '{"Id":1,"CreationDate":"2021-02-30"}', // raw text
    ];
    for (const place of places) {
      expect(text).toContain(`${place}${seen}`);
    }
  });
});
