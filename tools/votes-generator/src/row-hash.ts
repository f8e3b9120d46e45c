/**
 * What a hash decides. Each purpose has its own key, so that no two decisions about a row depend on
 * each other, and adding one changes none of the others.
 */
const purposes = [
  'identifier',
  'content',
  'day',
  'week',
  'order',
  'distance',
  'pair',
  'conflict',
  'fault',
  'defect',
  'unknownType',
  'unknownField',
  'blankLine',
] as const;

/** A decision that is taken by hash. */
export type HashPurpose = (typeof purposes)[number];

/** 2^32 divided by the golden ratio, odd: multiples of it are spread evenly over 32 bits. */
const goldenStep = 0x9e3779b1;

const twoTo32 = 2 ** 32;

/** Hashes are integers from 0 to below this: 31 bits, which the engine keeps without allocating. */
const hashRange = 2 ** 31;

/** The finalizer of MurmurHash3: a bijection of 32 bits in which each input bit moves half of the output. */
export function mixBits(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The key of one purpose in the streams of one seed. */
export function deriveKey(seed: number, purpose: HashPurpose): number {
  return mixBits(mixBits(seed) + Math.imul(purposes.indexOf(purpose) + 1, goldenStep));
}

/** A hash that only the key and the row decide. Rows reach beyond 2^32, up to 2^53. */
export function hashRow(key: number, row: number): number {
  const high = row < twoTo32 ? 0 : Math.floor(row / twoTo32);
  // Mixed twice, the key added between: after one round two keys would give permutations of one table.
  return mixBits(mixBits(row ^ key) + Math.imul(high, goldenStep) + key) >>> 1;
}

/** A further hash from a hash, another for each `step`. */
export function stepHash(hash: number, step: number): number {
  return mixBits(hash + Math.imul(step, goldenStep)) >>> 1;
}

/** Maps a hash to an integer from 0 to below `limit`, each as likely; `limit` is far below 2^31. */
export function pickBelow(hash: number, limit: number): number {
  return Math.floor((hash / hashRange) * limit);
}

/** The limit below which a hash falls in the given share of cases. */
export function hashLimit(share: number): number {
  return share * hashRange;
}
