import { z } from 'zod';

const millisecondsPer: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration as people write it, such as `500ms`, `2s`, `1.5m` or `1h`; gives milliseconds. */
export const durationSchema = z.string().transform((text, context) => {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  const factor = millisecondsPer[match?.[2] ?? ''];
  if (match?.[1] === undefined || factor === undefined) {
    context.addIssue(`${JSON.stringify(text)} is no duration such as 500ms, 2s or 1m`);
    return z.NEVER;
  }
  return Math.round(Number(match[1]) * factor);
});
