/** Lines of a file that a check holds back, in their order, and which check it is. */
export interface RejectedLine {
  readonly line: number;
  readonly checkId: string;
}

/** Goes through rejected lines as a file is read. */
export class RejectedLines {
  readonly #lines: readonly RejectedLine[];
  #at = 0;

  /** They are to be in the order of the lines, each once. */
  constructor(lines: readonly RejectedLine[]) {
    this.#lines = lines;
  }

  /** The next one; 0 after the last. */
  get nextLine(): number {
    return this.#lines[this.#at]?.line ?? 0;
  }

  /** Goes on to the next one; gives the check that holds this one back. */
  take(): string {
    const { checkId } = this.#lines[this.#at] ?? { checkId: '' };
    this.#at += 1;
    return checkId;
  }
}
