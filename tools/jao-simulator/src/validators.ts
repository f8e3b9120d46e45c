import type { IncomingHttpHeaders } from 'node:http';

/** What names the version of an answer, as headers of it. */
export interface Validators {
  readonly etag?: string;
  readonly 'last-modified'?: string;
}

/** An instant as HTTP writes it: in whole seconds, of which nothing is left. */
export function httpDate(instantMs: number): string {
  return new Date(instantMs).toUTCString();
}

/**
 * Whether a client says that it has this answer. With both headers the tag decides, where there is one
 * (RFC 9110 §13.2.2).
 */
export function hasAnswer(
  {
    'if-none-match': knownTag,
    'if-modified-since': knownSince,
  }: Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since'>,
  { etag, 'last-modified': lastModified }: Validators,
): boolean {
  if (etag !== undefined && knownTag !== undefined) return knownTag === etag;
  return (
    lastModified !== undefined &&
    knownSince !== undefined &&
    Date.parse(knownSince) >= Date.parse(lastModified)
  );
}
