import type { z } from 'zod';

import { BenchError } from './errors.ts';

/**
 * What a process printed, as one JSON document.
 *
 * @throws {BenchError} where it is no JSON, or not of that shape.
 */
export function parseOutput<Value>(schema: z.ZodType<Value>, output: string, what: string): Value {
  const result = schema.safeParse(parseJson(output, what));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new BenchError(`${what}: its output is not as expected: ${place}: ${issue?.message ?? ''}`);
}

function parseJson(output: string, what: string): unknown {
  try {
    return JSON.parse(output);
  } catch (cause) {
    throw new BenchError(`${what}: its output is no JSON: ${output.slice(0, 200)}`, { cause });
  }
}
