import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { findChromium, PageChecker } from '../src/index.ts';

const chromium = findChromium();

describe.skipIf(chromium === undefined)('in Chromium (skipped where there is none)', () => {
  let checker: PageChecker;
  let folder: string;

  beforeAll(async () => {
    checker = await PageChecker.open();
    folder = await mkdtemp(join(tmpdir(), 'sluice-page-'));
  });
  afterAll(async () => {
    await checker.close();
    await rm(folder, { recursive: true });
  });

  async function look(html: string) {
    const file = join(folder, 'page.html');
    await writeFile(file, html);
    return checker.check(file, { widthPixels: 320, scheme: 'light' });
  }

  test('a page that is in order has nothing to be said of', async () => {
    const findings = await look(
      '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1><p>Text.</p></main></html>',
    );
    expect(findings).toMatchObject({
      messages: [],
      requests: [],
      dialogs: [],
      violations: [],
      active: [],
      overflowPixels: 0,
      headingLevels: [1],
      title: 'A page',
      language: 'en',
    });
    expect(findings.text).toContain('Text.');
  });

  test('scripts, dialogs, requests, overflow and what leaves people out are found', async () => {
    const findings = await look(`<!doctype html><title>A page</title>
      <p style="width: 900px; color: #ccc">Pale and wide</p>
      <img src="http://127.0.0.1:9/picture.png" onerror="alert('run')">
      <script>console.error('said');</script>`);
    expect(findings.messages.join()).toContain('error: said');
    expect(findings.requests).toEqual(['http://127.0.0.1:9/picture.png']);
    expect(findings.dialogs).toEqual(['run']);
    expect(findings.overflowPixels).toBeGreaterThan(500);
    expect(findings.active).toEqual(expect.arrayContaining(['IMG', 'SCRIPT']));
    expect(findings.violations.join('\n')).toMatch(/color-contrast.*\n(.*\n)*.*html-has-lang/);
  });
});
