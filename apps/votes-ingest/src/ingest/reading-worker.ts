import { parentPort } from 'node:worker_threads';

import { HashedInput } from '../input/byte-source.ts';
import { readRecords } from './read-records.ts';
import type { LoadedParts, ReadingReply, ReadingRequest } from './reading-messages.ts';
import { RecordLoader } from './record-loader.ts';
import type { LoadingOptions } from './record-loader.ts';
import type { RecordSink } from './record-sink.ts';
import { allocateBatch } from './vote-columns.ts';
import type { FilledBatch } from './vote-columns.ts';

/**
 * So many blocks may wait until they are taken: DuckDB compresses rows for a tenth of a second at once,
 * which is what 16 blocks take to be read.
 */
const maxWaiting = 16;

/** Memory that was filled before, and taken. */
const freeMemory: ArrayBuffer[] = [];
let parts = newParts();
let waiting = 0;
let onTaken: () => void = () => undefined;
const stop = new AbortController();

const sink: RecordSink = {
  takeVotes: (batch) => keep(parts.votes, batch),
  takeSuspects: (batch) => keep(parts.suspects, batch),
  takeAcceptedLines: (firstLine, lineCount) => {
    parts.acceptedLines.push([firstLine, lineCount]);
  },
  takeRejected: (row) => {
    parts.rejected.push(row);
  },
};

parentPort?.on('message', (request: ReadingRequest) => {
  if (request.kind === 'taken') {
    freeMemory.push(...request.memory);
    waiting -= 1;
    onTaken();
  } else if (request.kind === 'stop') {
    stop.abort();
    onTaken();
    parentPort?.close();
  } else {
    // What goes wrong ends the thread, and is told to who has started it.
    void read(request.path, request.options);
  }
});

async function read(path: string, options: LoadingOptions): Promise<void> {
  const { signal } = stop;
  // With the thread that stores the rows two are busy; a third one would be in their way.
  const input = await HashedInput.open(path, { signal, hashesHere: true });
  try {
    const loader = new RecordLoader(options, sink);
    const reading = await readRecords({ signal, onBytesRead: handOver }, loader, path, input);
    post({ kind: 'read', parts, reading });
  } catch (cause) {
    if (!signal.aborted) {
      throw cause;
    }
  } finally {
    await input.close();
  }
}

async function handOver(bytesRead: number): Promise<void> {
  post({ kind: 'loaded', parts, bytesRead });
  while (waiting > maxWaiting && !stop.signal.aborted) {
    await new Promise<void>((resolve) => {
      onTaken = resolve;
    });
  }
}

/** The memory of the batches goes with the reply. */
function post(reply: ReadingReply): void {
  const { votes, suspects } = reply.parts;
  parentPort?.postMessage(
    reply,
    [...votes, ...suspects].map(({ memory }) => memory),
  );
  waiting += 1;
  parts = newParts();
}

function keep(batches: FilledBatch[], batch: FilledBatch): ArrayBuffer {
  batches.push(batch);
  return freeMemory.pop() ?? allocateBatch();
}

function newParts(): LoadedParts {
  return { votes: [], suspects: [], acceptedLines: [], rejected: [] };
}
