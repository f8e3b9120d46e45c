const wordBytes = 4;

/**
 * A short text that is written often, as 32-bit words of its bytes, little endian. The last word may be
 * padded with zeros, which what follows overwrites.
 */
export interface Phrase {
  readonly words: Int32Array;
  readonly byteCount: number;
}

/** Prepares an ASCII text for writing. */
export function createPhrase(text: string): Phrase {
  const words = new Int32Array(Math.ceil(text.length / wordBytes));
  const padded = new DataView(new ArrayBuffer(words.length * wordBytes));
  new Uint8Array(padded.buffer).set(Buffer.from(text, 'latin1'));
  for (let index = 0; index < words.length; index += 1) {
    words[index] = padded.getInt32(index * wordBytes, true);
  }
  return { words, byteCount: text.length };
}
