import { deriveKey, stepHash } from './row-hash.ts';

/** Six half-rounds: three for each half, where four rounds in all make a strong permutation (Luby and Rackoff). */
const halfRounds = 6;

/**
 * A permutation of 0 … rows−1 that needs no memory: position in, row out.
 *
 * A Feistel network over pairs (left, right) with left below ⌈√rows⌉; the few pairs that lie beyond
 * `rows` are sent through again until they land inside, which keeps it one to one.
 */
export function createShuffle({
  rows,
  seed,
}: {
  readonly rows: number;
  readonly seed: number;
}): (position: number) => number {
  const leftSize = Math.ceil(Math.sqrt(rows));
  const rightSize = Math.ceil(rows / leftSize);
  const key = deriveKey(seed, 'order');
  const keys = Int32Array.from({ length: halfRounds }, (_, round) => stepHash(key, round + 1));

  return (position) => {
    let row = position;
    do {
      let left = Math.floor(row / rightSize);
      let right = row - left * rightSize;
      for (let round = 0; round < halfRounds; round += 2) {
        left = (left + (stepHash(right, keys[round] ?? 0) % leftSize)) % leftSize;
        right = (right + (stepHash(left, keys[round + 1] ?? 0) % rightSize)) % rightSize;
      }
      row = left * rightSize + right;
    } while (row >= rows);
    return row;
  };
}
