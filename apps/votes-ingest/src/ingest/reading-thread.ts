import { WorkerThread } from '../input/worker-thread.ts';
import type { Reading, ReadingContext } from './read-records.ts';
import type { LoadedParts, ReadingReply, ReadingRequest } from './reading-messages.ts';
import type { LoadingOptions } from './record-loader.ts';
import type { RecordSink } from './record-sink.ts';

/** A file that is read on a thread of its own. */
interface ReadFile {
  readonly sink: RecordSink;
  readonly onBytesRead: ReadingContext['onBytesRead'];
  reading: Reading | undefined;
}

/**
 * Reads files on a thread of its own, one after the other, while this thread takes what became of the
 * records before: reading them takes about as long as it takes DuckDB to store them.
 */
export class ReadingThread {
  #thread: WorkerThread | undefined;
  #file: ReadFile | undefined;

  /** Has the thread ready by the time it is needed. */
  start(): void {
    if (this.#thread !== undefined) {
      return;
    }
    const thread = new WorkerThread('reading-worker', import.meta.url, (message) => {
      // What a thread says that was ended may still be on its way.
      if (this.#thread === thread) {
        // It is what `post` in reading-worker.ts takes.
        this.#take(message as ReadingReply);
      }
    });
    this.#thread = thread;
  }

  /** Reads a regular file, as `readRecords` does; what is thrown ends the thread. */
  async read(
    { signal, onBytesRead }: ReadingContext,
    path: string,
    options: LoadingOptions,
    sink: RecordSink,
  ): Promise<Reading> {
    signal.throwIfAborted();
    this.start();
    const file: ReadFile = { sink, onBytesRead, reading: undefined };
    this.#file = file;
    const stop = (): void => {
      this.#thread?.fail(signal.reason);
    };
    signal.addEventListener('abort', stop);
    try {
      this.#post({ kind: 'read', path, options });
      await this.#thread?.waitUntil(() => file.reading !== undefined);
    } catch (cause) {
      this.end();
      throw cause;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (file.reading === undefined) {
      throw new TypeError(`${path}: its thread was ended before it was read`);
    }
    return file.reading;
  }

  /**
   * Ends the thread once it has let go of its file. It is not torn down: Node ends the whole process where
   * a file is just being closed in a thread that it tears down.
   */
  end(): void {
    this.#post({ kind: 'stop' });
    this.#thread = undefined;
  }

  #take(reply: ReadingReply): void {
    if (this.#file === undefined) {
      return;
    }
    const { sink, onBytesRead } = this.#file;
    const memory = handOver(reply.parts, sink);
    this.#post({ kind: 'taken', memory }, memory);
    if (reply.kind === 'loaded') {
      void onBytesRead(reply.bytesRead);
    } else {
      this.#file.reading = reply.reading;
    }
  }

  #post(request: ReadingRequest, transferred: readonly ArrayBuffer[] = []): void {
    this.#thread?.post(request, transferred);
  }
}

/** Gives the memory that may be filled again. */
function handOver(
  { votes, suspects, acceptedLines, rejected }: LoadedParts,
  sink: RecordSink,
): readonly ArrayBuffer[] {
  const memory = [...votes.map(sink.takeVotes), ...suspects.map(sink.takeSuspects)];
  for (const [firstLine, lineCount] of acceptedLines) {
    sink.takeAcceptedLines(firstLine, lineCount);
  }
  rejected.forEach(sink.takeRejected);
  return memory;
}
