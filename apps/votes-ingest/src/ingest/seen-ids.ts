/** Ids per page of the bitmap: 2^19 of them make 64 KiB. */
const idsPerPage = 2 ** 19;
const pageBytes = idsPerPage / 8;

/**
 * Tells of an Id whether it is certainly new: neither in the table before the file, nor in the file
 * so far. An Id above all earlier ones is new. Of the others a bitmap knows, page by page, which
 * ones the file has had, as long as its pages fit the memory; beyond that, and for Ids that the
 * table may hold, the answer is "perhaps not", and SQL settles it.
 */
export class SeenIds {
  readonly #tableMax: number;
  #max: number;
  #bigMax: bigint;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #maxPages: number;
  /**
   * Once a page could not be made, its Ids go unrecorded, so that no page may be made from then on:
   * it would not know of them.
   */
  #isSealed = false;
  #pageNumber = -1;
  #page: Uint8Array | undefined;

  /** `tableMax` is the largest Id in the table, 0 where it is empty. */
  constructor(tableMax: bigint, memoryBytes: number) {
    this.#bigMax = tableMax;
    this.#tableMax = numberNotBelow(tableMax);
    this.#max = this.#tableMax;
    this.#maxPages = Math.floor(memoryBytes / pageBytes);
  }

  /** The largest Id seen, the table's included. */
  get max(): bigint {
    const max = Number.isFinite(this.#max) ? BigInt(this.#max) : 0n;
    return max > this.#bigMax ? max : this.#bigMax;
  }

  /** Whether `id`, at most 2^53 - 1, is certainly new; remembers it. */
  admit(id: number): boolean {
    const isAboveAll = id > this.#max;
    if (isAboveAll) {
      this.#max = id;
    } else if (id <= this.#tableMax) {
      return false;
    }
    const page = this.#pageOf(id);
    if (page === undefined) {
      return isAboveAll;
    }
    const offset = id % idsPerPage;
    const index = offset >>> 3;
    const bit = 1 << (offset & 7);
    const before = page[index] ?? 0;
    page[index] = before | bit;
    return isAboveAll || (before & bit) === 0;
  }

  /** The same for an Id that a double may not hold: only one above all others is certainly new. */
  admitBig(id: bigint): boolean {
    if (id <= BigInt(Number.MAX_SAFE_INTEGER)) {
      return this.admit(Number(id));
    }
    if (id <= this.#bigMax) {
      return false;
    }
    this.#bigMax = id;
    return true;
  }

  #pageOf(id: number): Uint8Array | undefined {
    const number = Math.floor(id / idsPerPage);
    if (number !== this.#pageNumber) {
      let page = this.#pages.get(number);
      if (page === undefined && !this.#isSealed) {
        if (this.#pages.size < this.#maxPages) {
          page = new Uint8Array(pageBytes);
          this.#pages.set(number, page);
        } else {
          this.#isSealed = true;
        }
      }
      this.#pageNumber = number;
      this.#page = page;
    }
    return this.#page;
  }
}

function numberNotBelow(id: bigint): number {
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : Number.POSITIVE_INFINITY;
}
