import { z } from 'zod';

/**
 * What is wrong with a setting, as people say it, where its schema does not say so itself; undefined
 * leaves it to zod. The value is never quoted: it may be a password.
 */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'string' ? 'must be a text or a number' : undefined;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(', or ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? describeLength(issue.minimum, 'least')
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? describeLength(issue.maximum, 'most')
        : `must be at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function describeLength(length: number | bigint, bound: 'least' | 'most'): string {
  return bound === 'least' && Number(length) === 1
    ? 'must not be empty'
    : `must have at ${bound} ${length} characters`;
}

const fileProblems: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EACCES', 'this account may not read it'],
  ['EISDIR', 'it is a folder'],
]);

/** Why a file of settings could not be read. Its content is not quoted. */
export function describeFileError(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    return 'it is not one JSON object';
  }
  if (cause instanceof SyntaxError) {
    const [, place] = / at position \d+ \((line \d+ column \d+)\)/.exec(cause.message) ?? [];
    return `it is not JSON${place === undefined ? '' : `, from ${place} on`}`;
  }
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return fileProblems.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
}
