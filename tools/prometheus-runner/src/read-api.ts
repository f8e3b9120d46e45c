import type { z } from 'zod';

const answerTimeoutMs = 10_000;

/**
 * Asks an API that answers JSON.
 *
 * @throws {Error} where it does not answer with 200 in ten seconds, with what it says.
 * @throws {z.ZodError} where the answer has another form.
 */
export async function readApi<Shape extends z.ZodType>(
  url: URL,
  shape: Shape,
): Promise<z.infer<Shape>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs) });
  if (!response.ok) {
    throw new Error(`ask ${url.href}: HTTP ${response.status}: ${await response.text()}`);
  }
  return shape.parse(await response.json());
}
