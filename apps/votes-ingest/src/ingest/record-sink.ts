import type { RejectedRow } from './rejected-record.ts';
import type { Spool } from './spool.ts';
import type { VoteAppender } from './vote-appender.ts';
import type { BatchTaker } from './vote-batch.ts';

/** Takes what becomes of the records of a file. */
export interface RecordSink {
  /** Rows of the table, tagged with the file's number; their Ids are certainly new. */
  readonly takeVotes: BatchTaker;
  /** Votes that are to be settled, tagged with their lines. */
  readonly takeSuspects: BatchTaker;
  /** So many lines one after the other went into the table; in their order. */
  readonly takeAcceptedLines: (firstLine: number, lineCount: number) => void;
  readonly takeRejected: (row: RejectedRow) => void;
}

/** Stores records: rows in the table, all else in the spool. */
export function storeInto(votes: VoteAppender, spool: Spool): RecordSink {
  return {
    takeVotes: (batch) => {
      votes.append(batch);
      return batch.memory;
    },
    takeSuspects: (batch) => {
      spool.addSuspects(batch);
      return batch.memory;
    },
    takeAcceptedLines: (firstLine, lineCount) => {
      spool.addAcceptedLines(firstLine, lineCount);
    },
    takeRejected: (row) => {
      spool.addRejected(row);
    },
  };
}
