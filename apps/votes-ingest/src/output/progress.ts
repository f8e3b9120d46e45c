import { statSync } from 'node:fs';

/** A progress bar over the bytes of one file after the other; silent off a terminal. */
export interface Progress {
  start(path: string): void;
  update(bytesRead: number): void;
  stop(): void;
  /** Takes the bar away while something else is written to the same stream. */
  pause(write: () => void): void;
}

const silent: Progress = {
  start: () => undefined,
  update: () => undefined,
  stop: () => undefined,
  pause: (write) => {
    write();
  },
};

const bytesPerMegabyte = 1_000_000;

/** A bar with rate and time left on a terminal. */
export async function startProgress(stream: NodeJS.WriteStream): Promise<Progress> {
  if (!stream.isTTY) {
    return silent;
  }
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream,
    format: '{bar} {percentage} %  {done} of {size} MB  {rate} MB/s  {eta_formatted} left  {file}',
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  let startedAt = 0;
  return {
    start: (path) => {
      const sizeBytes = sizeOf(path);
      startedAt = performance.now();
      bar.start(Math.max(sizeBytes, 1), 0, {
        file: path,
        size: sizeBytes === 0 ? '?' : (sizeBytes / bytesPerMegabyte).toFixed(1),
        done: '0.0',
        rate: '–',
      });
    },
    update: (bytesRead) => {
      const seconds = (performance.now() - startedAt) / 1000;
      bar.update(Math.min(bytesRead, bar.getTotal()), {
        done: (bytesRead / bytesPerMegabyte).toFixed(1),
        rate: (bytesRead / bytesPerMegabyte / seconds).toFixed(0),
      });
    },
    stop: () => {
      bar.stop();
    },
    pause: (write) => {
      write();
    },
  };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    // A file that is gone, or standard input: the bar goes without a total.
    return 0;
  }
}
