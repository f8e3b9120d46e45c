import { gunzipSync } from 'node:zlib';

/** The content of a body, or the outcome and a phrase that says why it has none. */
export type DecodedBody =
  | { readonly bytes: Buffer }
  | { readonly outcome: 'too_large' | 'truncated' | 'not_json'; readonly reason: string };

/**
 * Undoes `Content-Encoding`. Only gzip was asked for; a body in another coding, or one that is not in the
 * coding that it claims, can be no JSON. A gzip body that ends early was truncated, whatever HTTP said.
 *
 * Whole and synchronous: a body of the usual size costs less that way than its way to another thread and
 * back, and zlib stops at `maxBytes` exactly, before it allocates more.
 */
export function decodeBody(
  wire: Buffer,
  { encoding, maxBytes }: { readonly encoding: string | undefined; readonly maxBytes: number },
): DecodedBody {
  const coding = encoding?.trim().toLowerCase() ?? 'identity';
  if (wire.length === 0 || coding === 'identity' || coding === '') {
    return wire.length > maxBytes ? tooLarge(maxBytes) : { bytes: wire };
  }
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    return { outcome: 'not_json', reason: 'the body is in a coding that was not asked for' };
  }
  try {
    return { bytes: gunzipSync(wire, { maxOutputLength: maxBytes }) };
  } catch (error) {
    return toFailure(error, maxBytes);
  }
}

function toFailure(error: unknown, maxBytes: number): DecodedBody {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ERR_BUFFER_TOO_LARGE':
      return tooLarge(maxBytes);
    case 'Z_BUF_ERROR':
      return { outcome: 'truncated', reason: 'the compressed body ends early' };
    case 'Z_DATA_ERROR':
    case 'Z_NEED_DICT':
      return {
        outcome: 'not_json',
        reason: 'the body is damaged, or is not the gzip that it claims',
      };
    default:
      throw error;
  }
}

function tooLarge(maxBytes: number): DecodedBody {
  return { outcome: 'too_large', reason: `the body has more than ${maxBytes} bytes decompressed` };
}
