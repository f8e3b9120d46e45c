import { createRandom } from '@sluice/schemas/testing';

/** Random choices, the same for the same seed. */
export class RandomSource {
  /** 0 to 1, without 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = createRandom(seed);
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
