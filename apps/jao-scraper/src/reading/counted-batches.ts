/** Batches that know how many rows went by. */
export class CountedBatches<Row> implements AsyncIterable<readonly Row[]> {
  rows = 0;
  readonly #batches: AsyncIterable<readonly Row[]>;

  constructor(batches: AsyncIterable<readonly Row[]>) {
    this.#batches = batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Row[]> {
    for await (const batch of this.#batches) {
      this.rows += batch.length;
      yield batch;
    }
  }
}
