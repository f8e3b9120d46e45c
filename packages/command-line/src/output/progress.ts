/** A progress bar over an amount of something, for one thing after the other. */
export interface Progress {
  /** `total` is 0 where it is not known. */
  start(label: string, total: number): void;
  update(done: number, total?: number): void;
  stop(): void;
}

/** In what a bar counts. */
export interface ProgressUnit {
  /** What is shown: `MB`. */
  readonly name: string;
  /** How much of what the bar is told is one of it: 1,000,000 bytes. */
  readonly size: number;
  /** Digits after the point, of an amount and of a rate per second. */
  readonly digits: number;
  readonly rateDigits: number;
}

const megabytes: ProgressUnit = { name: 'MB', size: 1_000_000, digits: 1, rateDigits: 0 };

const silent: Progress = {
  start: () => undefined,
  update: () => undefined,
  stop: () => undefined,
};

/** A bar with rate and time left, over bytes unless a unit is given; silent off a terminal. */
export async function startProgress(
  stream: NodeJS.WriteStream,
  unit: ProgressUnit = megabytes,
): Promise<Progress> {
  if (!stream.isTTY) {
    return silent;
  }
  const { SingleBar } = await import('cli-progress');
  const { name, size, digits, rateDigits } = unit;
  const bar = new SingleBar({
    stream,
    format:
      `{bar} {percentage} %  {done} of {size} ${name}  {rate} ${name}/s  ` +
      '{eta_formatted} left  {label}',
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
  const sized = (total: number): { readonly size: string } => ({
    size: total === 0 ? '?' : (total / size).toFixed(digits),
  });
  let startedAt = 0;
  return {
    start: (label, total) => {
      startedAt = performance.now();
      bar.start(Math.max(total, 1), 0, {
        label,
        done: (0).toFixed(digits),
        rate: (0).toFixed(rateDigits),
        ...sized(total),
      });
    },
    update: (done, total) => {
      if (total !== undefined && total !== bar.getTotal()) {
        bar.setTotal(total);
        bar.update(sized(total));
      }
      const seconds = (performance.now() - startedAt) / 1000;
      bar.update(Math.min(done, bar.getTotal()), {
        done: (done / size).toFixed(digits),
        rate: (done / size / Math.max(seconds, 0.001)).toFixed(rateDigits),
      });
    },
    stop: () => {
      bar.stop();
    },
  };
}
