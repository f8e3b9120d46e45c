import { constants, fstatSync, open as openDescriptor, read as readDescriptor } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';

/** The bytes of an input, as the operating system gives them. */
export interface RawBytes {
  /** Writes the next bytes to the front of `target` and gives their number; 0 is the end. */
  read(target: Uint8Array): Promise<number>;
  /** Makes a read that waits for a writer fail; does nothing to what never waits. */
  stopWaiting(): void;
  close(): Promise<void>;
}

/** An open input. */
export interface OpenedInput {
  readonly bytes: RawBytes;
  /** Of a regular file that can be opened again. */
  readonly sizeBytes: number | undefined;
}

const standardInputDescriptor = 0;
const readFrom = promisify(readDescriptor);

/** Opens a file, a device or a FIFO; the last is not waited for. */
export async function openPath(path: string, signal: AbortSignal): Promise<OpenedInput> {
  if ((await stat(path)).isFIFO()) {
    return { bytes: await openFifo(path, signal), sizeBytes: undefined };
  }
  const handle = await open(path, 'r');
  const stats = await handle.stat();
  return {
    sizeBytes: stats.isFile() ? stats.size : undefined,
    bytes: {
      read: async (target) => (await handle.read(target, 0, target.length, null)).bytesRead,
      stopWaiting: () => undefined,
      close: () => handle.close(),
    },
  };
}

/**
 * Standard input as it was handed over: `/dev/stdin` would open it a second time, which a socket
 * refuses and which sets a file back to its beginning.
 */
export function openStandardInput(signal: AbortSignal): OpenedInput {
  const stats = fstatSync(standardInputDescriptor);
  const mayWait = stats.isFIFO() || stats.isSocket() || isatty(standardInputDescriptor);
  if (mayWait) {
    return { bytes: new StreamBytes(process.stdin, signal), sizeBytes: undefined };
  }
  return {
    sizeBytes: undefined,
    bytes: {
      read: async (target) =>
        (await readFrom(standardInputDescriptor, target, 0, target.length, null)).bytesRead,
      stopWaiting: () => undefined,
      close: () => Promise.resolve(),
    },
  };
}

/**
 * A blocking open, or read, of a FIFO without a writer would hold a thread that nothing can stop,
 * not even the end of the process. So it is opened without blocking, and waited for as a socket is.
 */
async function openFifo(path: string, signal: AbortSignal): Promise<RawBytes> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const fd = await promisify(openDescriptor)(path, flags);
  return new StreamBytes(new Socket({ fd, readable: true, writable: false }), signal);
}

/** Bytes that come when their writer sends them. */
class StreamBytes implements RawBytes {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(stream: Readable, signal: AbortSignal) {
    this.#stream = addAbortSignal(signal, stream);
    // A read gives the failure; without a listener one that comes between two reads ends the process.
    stream.on('error', () => undefined);
    // A stream without an encoding gives buffers.
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  async read(target: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        return 0;
      }
      this.#chunk = next.value;
    }
    const count = Math.min(this.#chunk.length, target.length);
    target.set(this.#chunk.subarray(0, count));
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }

  stopWaiting(): void {
    this.#stream.destroy();
  }

  close(): Promise<void> {
    this.#stream.destroy();
    return Promise.resolve();
  }
}
