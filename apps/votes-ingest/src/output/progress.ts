/** A progress bar over bytes, for one thing after the other; silent off a terminal. */
export interface Progress {
  /** `totalBytes` is 0 where it is not known. */
  start(label: string, totalBytes: number): void;
  update(doneBytes: number, totalBytes?: number): void;
  stop(): void;
}

const silent: Progress = {
  start: () => undefined,
  update: () => undefined,
  stop: () => undefined,
};

/** A bar with rate and time left on a terminal. */
export async function startProgress(stream: NodeJS.WriteStream): Promise<Progress> {
  if (!stream.isTTY) {
    return silent;
  }
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream,
    format: '{bar} {percentage} %  {done} of {size} MB  {rate} MB/s  {eta_formatted} left  {label}',
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  let startedAt = 0;
  return {
    start: (label, totalBytes) => {
      startedAt = performance.now();
      bar.start(Math.max(totalBytes, 1), 0, {
        label,
        done: '0.0',
        rate: '0',
        ...sized(totalBytes),
      });
    },
    update: (doneBytes, totalBytes) => {
      if (totalBytes !== undefined && totalBytes !== bar.getTotal()) {
        bar.setTotal(totalBytes);
        bar.update(sized(totalBytes));
      }
      const seconds = (performance.now() - startedAt) / 1000;
      bar.update(Math.min(doneBytes, bar.getTotal()), {
        done: megabytes(doneBytes),
        rate: (doneBytes / 1_000_000 / Math.max(seconds, 0.001)).toFixed(0),
      });
    },
    stop: () => {
      bar.stop();
    },
  };
}

function sized(totalBytes: number): { readonly size: string } {
  return { size: totalBytes === 0 ? '?' : megabytes(totalBytes) };
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
