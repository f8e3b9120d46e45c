/** 2^32 divided by the golden ratio, odd: multiples of it are spread evenly over 32 bits. */
const goldenStep = 0x9e3779b1;

const twoTo32 = 2 ** 32;

/** Quarters of an hour number the delivery starts: no dataset has a shorter step. */
const quarterMs = 900_000;
const quartersPerDay = 96;

/** What the values of a dataset look like. */
export interface ValueShape {
  readonly low: number;
  readonly high: number;
  /** Digits after the decimal point that carry information. */
  readonly decimals: 0 | 1 | 2;
  /** `float` writes whole numbers as `4346.0`, `int` as `4346`. */
  readonly form: 'float' | 'int';
  /** Keys that begin so hold the negative of their value. */
  readonly negativePrefix?: string;
}

/** A hash of 32 bits, as an integer from 0 to below 2^32, that all of `parts` decide. */
export function hashOf(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = mixBits(seed ^ goldenStep);
  for (const part of parts) {
    const bits = typeof part === 'number' ? part : hashText(part);
    hash = mixBits(hash + Math.imul(bits, goldenStep)) ^ bits;
  }
  return mixBits(hash) >>> 0;
}

/** The same as a share: from 0 to below 1. */
export function shareOf(seed: number, ...parts: readonly (string | number)[]): number {
  return hashOf(seed, ...parts) / twoTo32;
}

/**
 * A function that gives the values of one key: of a delivery start in UTC epoch milliseconds and the
 * publication that brought the value, nothing else.
 *
 * The value rises and falls over a day around the key's own level, and is 0 in one of a hundred periods.
 */
export function createValueOf({
  seed,
  dataset,
  key,
  shape: { low, high, decimals, negativePrefix },
}: {
  readonly seed: number;
  readonly dataset: string;
  readonly key: string;
  readonly shape: ValueShape;
}): (deliveryStartMs: number, publication: number) => number {
  const keyHash = hashOf(seed, dataset, key);
  const scale = 10 ** decimals;
  const sign = negativePrefix !== undefined && key.startsWith(negativePrefix) ? -1 : 1;
  const span = high - low;
  const level = low + span * (0.2 + (0.6 * (keyHash >>> 8)) / 2 ** 24);
  const wave = Array.from(
    { length: quartersPerDay },
    (_, quarter) => level + 0.1 * span * Math.sin((2 * Math.PI * quarter) / quartersPerDay),
  );
  return (deliveryStartMs, publication) => {
    const quarter = deliveryStartMs / quarterMs;
    const seeded = mixBits(
      mixBits(quarter ^ keyHash) + Math.imul(publication, goldenStep) + keyHash,
    );
    const share = (seeded >>> 0) / twoTo32;
    if (share < 0.01) return 0;
    const around = wave[quarter % quartersPerDay] ?? level;
    return round(sign * (around + 0.2 * span * (share - 0.5)), scale);
  };
}

/** The next larger value that a dataset can tell from `value`. */
export function nextValue(value: number, { decimals }: ValueShape): number {
  const scale = 10 ** decimals;
  return round(value + 1 / scale, scale);
}

/** The number as the service writes it. */
export function writeValue(value: number, { form }: ValueShape): string {
  return form === 'float' && Number.isInteger(value) ? `${value}.0` : String(value);
}

/** The double nearest to a decimal fraction, so that writing and parsing give it back; never -0. */
function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale + 0;
}

/** The finalizer of MurmurHash3: a bijection of 32 bits in which each input bit moves half of the output. */
function mixBits(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** FNV-1a over the text's code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}
