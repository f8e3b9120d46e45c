import { readFile } from 'node:fs/promises';

import type { z } from 'zod';

import { hasErrorCode } from './fetch-error.ts';

/**
 * What one of our own small files says; undefined where it is absent, was cut, or another version of this
 * program wrote it: in all three cases nothing is known.
 */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
  return schema.safeParse(parseJson(text)).data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No schema takes it.
    return undefined;
  }
}
