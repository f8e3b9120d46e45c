import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished } from 'vitest';

import { FetchError } from '../../src/fetch/fetch-error.ts';
import { fetchFile } from '../../src/fetch/fetch-file.ts';
import type { FetchOptions, FetchResult } from '../../src/fetch/fetch-options.ts';

export type FetchOverrides = Partial<Omit<FetchOptions, 'url' | 'targetFolder'>>;

/** An empty folder that ends with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'votes-ingest-fetch-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Fetches with one try and short limits, unless told otherwise. */
export async function fetchInto(
  targetFolder: string,
  url: URL,
  overrides: FetchOverrides = {},
): Promise<FetchResult> {
  return await fetchFile({
    url,
    targetFolder,
    overwrite: false,
    unpack: false,
    retries: 0,
    timeouts: { connectMs: 5000, headersMs: 5000, idleMs: 5000, wholeMs: 20_000 },
    delay: () => Promise.resolve(),
    ...overrides,
  });
}

/** The FetchError that a fetch ends with. */
export async function failFetch(
  targetFolder: string,
  url: URL,
  overrides: FetchOverrides = {},
): Promise<FetchError> {
  try {
    await fetchInto(targetFolder, url, overrides);
  } catch (error) {
    if (error instanceof FetchError) {
      return error;
    }
    throw error;
  }
  throw new Error('the fetch succeeded');
}

/** Everything below a folder: relative paths with `/`, sorted. */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** The file holds these bytes. Not by `toEqual`, which takes a second for a megabyte. */
export async function expectFile(path: string, content: Buffer): Promise<void> {
  const bytes = await readFile(path);
  expect(bytes.length).toBe(content.length);
  expect(bytes.equals(content)).toBe(true);
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that differ everywhere, so that a piece in the wrong place is seen. */
export function makeContent(bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let index = 0; index < bytes; index += 1) {
    content[index] = (index * 31 + (index >> 8) * 7) & 0xff;
  }
  return content;
}
