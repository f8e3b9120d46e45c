import { cellStates } from './day-answer.ts';
import type { CellQuarantineReason } from './day-answer.ts';

/** A day has at most 100 delivery periods; a page with more rows than this is none of ours. */
export const maxRows = 1000;
/** The widest known dataset has 150 keys. */
export const maxKeys = 5000;
/** More bad cells than any day has cells: the page is another one, or broken. */
export const maxFaults = 50_000;
const maxKeyLength = 200;
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;
/** A day of the widest dataset known, in quarters of an hour. */
const initialCells = 16_384;

/** A cell that breaks the contract, by its place in the text. */
export interface CellFault {
  readonly reason: CellQuarantineReason;
  readonly name: string;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** One element of `data` as it was read; known fields are JSON texts, `undefined` where absent. */
export interface ScannedRow {
  /** Place in the text. */
  readonly from: number;
  readonly to: number;
  /** Its cells in the scan. */
  readonly firstCell: number;
  readonly endCell: number;
  /** Members that are no fields, as often as they are named; 1 for what is no object. */
  readonly memberCount: number;
  readonly breach: 'not_an_object' | 'duplicate_key' | undefined;
  readonly idText: string | undefined;
  /** `undefined` also where the row has it twice. */
  readonly timeText: string | undefined;
  readonly modifiedText: string | undefined;
  readonly faults: readonly CellFault[];
}

/** Whether a member's name can be the key of a series. */
export function isKey(name: string): boolean {
  return name.length > 0 && name.length <= maxKeyLength && !unprintable.test(name);
}

/**
 * The rows of one answer while it is read: cells in the order of the text, as columns, since an
 * object for each of thousands of cells would cost more than reading them.
 */
export class AnswerScan {
  readonly rows: ScannedRow[] = [];
  readonly keys: string[] = [];
  faultCount = 0;
  cellCount = 0;
  readonly #indexByKey = new Map<string, number>();
  #cellKeys = new Int32Array(initialCells);
  #cellStates = new Uint8Array(initialCells);
  #cellValues = new Float64Array(initialCells);

  /** The number of a key; a new one for a key that is new. */
  indexOfKey(key: string): number {
    const known = this.#indexByKey.get(key);
    if (known !== undefined) {
      return known;
    }
    const index = this.keys.push(key) - 1;
    this.#indexByKey.set(key, index);
    return index;
  }

  addCell(keyIndex: number, state: number, value: number): void {
    const cell = this.cellCount;
    if (cell === this.#cellKeys.length) {
      this.#grow();
    }
    this.#cellKeys[cell] = keyIndex;
    this.#cellStates[cell] = state;
    this.#cellValues[cell] = value;
    this.cellCount = cell + 1;
  }

  keyOfCell(cell: number): number {
    return this.#cellKeys[cell] ?? -1;
  }

  stateOfCell(cell: number): number {
    return this.#cellStates[cell] ?? cellStates.absent;
  }

  valueOfCell(cell: number): number {
    return this.#cellValues[cell] ?? 0;
  }

  #grow(): void {
    const capacity = this.#cellKeys.length * 2;
    const [keys, states, values] = [this.#cellKeys, this.#cellStates, this.#cellValues];
    this.#cellKeys = new Int32Array(capacity);
    this.#cellKeys.set(keys);
    this.#cellStates = new Uint8Array(capacity);
    this.#cellStates.set(states);
    this.#cellValues = new Float64Array(capacity);
    this.#cellValues.set(values);
  }
}
