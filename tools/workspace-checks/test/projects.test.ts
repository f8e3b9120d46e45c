import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { listProjects, readTestCount, removeTestReports } from '../src/projects.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-projects-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const onePassed = JSON.stringify({
  success: true,
  testResults: [{ status: 'passed', assertionResults: [{ status: 'passed' }] }],
});

test('a project is a folder with a package.json in packages, apps or tools', async () => {
  await write('packages/b/package.json', '{}');
  await write('apps/a/package.json', '{}');
  await write('packages/left-over/test-output/report.json', onePassed);
  await write('docs/package.json', '{}');
  expect(listProjects(root)).toEqual(['apps/a', 'packages/b']);
});

test('the count comes from the report of the project', async () => {
  await write('apps/a/test-output/report.json', onePassed);
  expect(await readTestCount(root, 'apps/a')).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test('a report that is absent or cut off is no count', async () => {
  await write('apps/cut/test-output/report.json', onePassed.slice(0, -1));
  expect(await readTestCount(root, 'apps/cut')).toBeUndefined();
  expect(await readTestCount(root, 'apps/absent')).toBeUndefined();
});

test('a report of an earlier run is removed', async () => {
  await write('apps/a/test-output/report.json', onePassed);
  await removeTestReports(root, ['apps/a', 'apps/without-report']);
  expect(existsSync(join(root, 'apps/a/test-output/report.json'))).toBe(false);
});
