import { expect, onTestFinished } from 'vitest';

import type {
  AnsweredRequest,
  FailedRequest,
  SourceAnswer,
} from '../../src/source/source-answer.ts';
import { createSource, type Source } from '../../src/source/source.ts';
import type { SourceOptions, WindowRequest } from '../../src/source/source.ts';

export const mebibyte = 2 ** 20;
export const hourMs = 3_600_000;

/** A business day in summer: 24 hours from 22:00Z. */
export const day = {
  path: '/core/api/data/maxExchanges',
  fromMs: Date.parse('2026-04-19T22:00:00Z'),
  toMs: Date.parse('2026-04-20T22:00:00Z'),
  stepMs: hourMs,
};

/** Long enough for a busy machine; a test that is about a deadline sets that one alone. */
export const timeouts = { connectMs: 30_000, headersMs: 30_000, responseMs: 30_000 };

/** A source that is closed with the test. */
export function openSource(origin: string, options: Partial<SourceOptions> = {}): Source {
  const source = createSource({
    origin,
    timeouts,
    maxDecodedBytes: mebibyte,
    userAgent: 'sluice-jao-scraper/0.0.0 (+test@example.org)',
    ...options,
  });
  onTestFinished(() => {
    source.close();
  });
  return source;
}

/** Asks once, by a source of its own unless one is given. */
export async function ask(
  from: string | Source,
  {
    options,
    ...request
  }: Partial<WindowRequest> & { readonly options?: Partial<SourceOptions> } = {},
): Promise<SourceAnswer> {
  const source = typeof from === 'string' ? openSource(from, options) : from;
  return source.fetchWindow({ ...day, signal: new AbortController().signal, ...request });
}

/** An answer that must be a failure; its message is checked for its form. */
export function failed(answer: SourceAnswer): FailedRequest {
  if (answer.outcome === 'answered' || answer.outcome === 'not_modified') {
    expect.fail(`expected a failure, got ${answer.outcome}`);
  }
  expect(answer.message).toMatch(/^fetch http[^\p{C}]{10,499}$/u);
  return answer;
}

/** An answer that must have a body. */
export function answered(answer: SourceAnswer): AnsweredRequest & { readonly text: string } {
  if (answer.outcome !== 'answered') {
    expect.fail(`expected an answer, got ${answer.outcome}`);
  }
  return { ...answer, text: new TextDecoder().decode(answer.bytes) };
}
