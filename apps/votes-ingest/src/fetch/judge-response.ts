import type { IncomingHttpHeaders } from 'node:http';

/** What a server said about a version of a file, by which a later request can ask for the same one. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** The first bytes of a file, kept from an earlier request. */
export interface KnownPart {
  readonly bytes: number;
  readonly validators: Validators;
}

/** What a response means for the part that is on disk. */
export type Verdict =
  /** The body is the whole file: begin anew. */
  | { readonly kind: 'start'; readonly totalBytes: number | undefined }
  /** The body goes on where the part ends. */
  | { readonly kind: 'resume'; readonly totalBytes: number }
  /** The part is the whole file. */
  | { readonly kind: 'complete' }
  /** The part cannot be completed: ask again without a range. Only if there is a part. */
  | { readonly kind: 'restart' }
  /** There is no file in this response. */
  | { readonly kind: 'fail' };

/** Headers that ask for what follows the part, or for the whole file if that has changed. */
export function rangeHeaders(part: KnownPart | undefined): Record<string, string> {
  const validator = part === undefined ? undefined : rangeValidator(part.validators);
  return part === undefined || validator === undefined
    ? {}
    : { range: `bytes=${part.bytes}-`, 'if-range': validator };
}

/** Whether a part with these validators can be resumed: a weak ETag promises nothing about bytes (RFC 9110 §8.8.1). */
export function canResume(validators: Validators): boolean {
  return rangeValidator(validators) !== undefined;
}

export function readValidators(headers: IncomingHttpHeaders): Validators {
  return { etag: headers.etag, lastModified: headers['last-modified'] };
}

/** Judges a response to a request that had the {@link rangeHeaders} of the same part. */
export function judgeResponse(
  { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
  part: KnownPart | undefined,
): Verdict {
  if (status === 200) {
    return { kind: 'start', totalBytes: readLength(headers) };
  }
  if (part === undefined) {
    return { kind: 'fail' };
  }
  if (status === 206) {
    return judgePartialContent(headers, part);
  }
  if (status === 416) {
    const isWhole = readUnsatisfiedRange(headers) === part.bytes && isSameVersion(headers, part);
    return { kind: isWhole ? 'complete' : 'restart' };
  }
  return { kind: 'fail' };
}

function judgePartialContent(headers: IncomingHttpHeaders, part: KnownPart): Verdict {
  const range = readContentRange(headers);
  const length = readLength(headers);
  const isTheRest =
    range?.start === part.bytes &&
    range.end === range.totalBytes - 1 &&
    (length === undefined || length === range.totalBytes - range.start) &&
    isSameVersion(headers, part);
  return isTheRest ? { kind: 'resume', totalBytes: range.totalBytes } : { kind: 'restart' };
}

/** A header that is absent contradicts nothing: `If-Range` has asked the server already. */
function isSameVersion(headers: IncomingHttpHeaders, { validators }: KnownPart): boolean {
  const { etag, lastModified } = readValidators(headers);
  if (validators.etag !== undefined && etag !== undefined) {
    return validators.etag === etag;
  }
  return (
    validators.lastModified === undefined ||
    lastModified === undefined ||
    validators.lastModified === lastModified
  );
}

function rangeValidator({ etag, lastModified }: Validators): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
}

function readLength(headers: IncomingHttpHeaders): number | undefined {
  return readCount(headers['content-length']);
}

/** With an unknown total (`*`) nobody could tell whether the rest is the whole rest: as good as none. */
function readContentRange(headers: IncomingHttpHeaders) {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const start = readCount(match?.[1]);
  const end = readCount(match?.[2]);
  const totalBytes = readCount(match?.[3]);
  return start === undefined || end === undefined || totalBytes === undefined
    ? undefined
    : { start, end, totalBytes };
}

function readUnsatisfiedRange(headers: IncomingHttpHeaders): number | undefined {
  return readCount(/^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]);
}

function readCount(digits: string | undefined): number | undefined {
  const count = digits === undefined || !/^\d+$/.test(digits) ? undefined : Number(digits);
  return Number.isSafeInteger(count) ? count : undefined;
}
