import type { RecordSink } from './record-sink.ts';

/** The lines that became rows, as runs of lines one after the other. */
export class AcceptedLines {
  readonly #take: RecordSink['takeAcceptedLines'];
  #firstLine = 0;
  #lineCount = 0;

  /** `take` gets each run. */
  constructor(take: RecordSink['takeAcceptedLines']) {
    this.#take = take;
  }

  /** To be called in the order of the lines. */
  note(line: number): void {
    if (line === this.#firstLine + this.#lineCount) {
      this.#lineCount += 1;
      return;
    }
    this.finish();
    this.#firstLine = line;
    this.#lineCount = 1;
  }

  /** Hands the last run over. */
  finish(): void {
    if (this.#lineCount > 0) {
      this.#take(this.#firstLine, this.#lineCount);
    }
    this.#lineCount = 0;
  }
}
