/** Random choices, the same for the same seed (Mulberry32, public domain). */
export class RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 to `count`, without `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of several. */
  pick<Item>(items: readonly Item[]): Item {
    // There is one at each index below the length.
    return items[this.below(items.length)] as Item;
  }

  /** Some of several, in their order; maybe none. */
  some<Item>(items: readonly Item[]): Item[] {
    return items.filter(() => this.chance(0.5));
  }
}

/** The seed that `SLUICE_TEST_SEED` asks for, or another one each time. */
export function chooseSeed(): number {
  const asked = process.env['SLUICE_TEST_SEED'];
  return asked === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(asked);
}
