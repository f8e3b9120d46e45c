import type { LoadingOptions } from './record-loader.ts';
import type { Reading } from './read-records.ts';
import type { RejectedRow } from './rejected-record.ts';
import type { FilledBatch } from './vote-columns.ts';

/** What a thread that reads files is told. */
export type ReadingRequest =
  | { readonly kind: 'read'; readonly path: string; readonly options: LoadingOptions }
  /** Parts were taken; the memory of their batches may be filled again. */
  | { readonly kind: 'taken'; readonly memory: readonly ArrayBuffer[] }
  /** To end, also in the middle of a file. */
  | { readonly kind: 'stop' };

/** What became of some of the records, for the sink of the thread that has asked. */
export interface LoadedParts {
  readonly votes: FilledBatch[];
  readonly suspects: FilledBatch[];
  readonly acceptedLines: (readonly [firstLine: number, lineCount: number])[];
  readonly rejected: RejectedRow[];
}

/** What such a thread says as it reads, and at the end. */
export type ReadingReply =
  | { readonly kind: 'loaded'; readonly parts: LoadedParts; readonly bytesRead: number }
  | { readonly kind: 'read'; readonly parts: LoadedParts; readonly reading: Reading };
