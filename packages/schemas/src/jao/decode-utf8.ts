/** A byte order mark is no JSON: kept, so that it is found. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes; `undefined` for bytes that are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    // A TypeError, and the only one that `fatal` has: the bytes are not UTF-8.
    return undefined;
  }
}
