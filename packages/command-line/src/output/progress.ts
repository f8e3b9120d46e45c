import type { GenericBar, MultiBar } from 'cli-progress';
import { clearLine, cursorTo } from 'node:readline';

/** A progress bar over an amount of something, for one thing after the other. */
export interface Progress {
  /** `total` is 0 where it is not known. */
  start(label: string, total: number): void;
  update(done: number, total?: number): void;
  /** Says what is being done, in the place of the label that it began with. */
  relabel(label: string): void;
  /** Writes whole lines: above the bar, where there is one, which they do not tear. */
  print(lines: string): void;
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

/** Work that leaves timers no time has its bar drawn by its own updates, so often. */
const drawEveryMs = 200;

/** A bar with rate and time left, over bytes unless a unit is given; silent off a terminal. */
export async function startProgress(
  stream: NodeJS.WriteStream,
  unit: ProgressUnit = megabytes,
): Promise<Progress> {
  if (!stream.isTTY) {
    return {
      start: () => undefined,
      update: () => undefined,
      relabel: () => undefined,
      print: (lines) => {
        stream.write(lines);
      },
      stop: () => undefined,
    };
  }
  const { MultiBar: Bars } = await import('cli-progress');
  const format =
    `{bar} {percentage} %  {done} of {size} ${unit.name}  {rate} ${unit.name}/s  ` +
    '{eta_formatted} left  {label}';
  // A single bar puts the cursor back to where it was on the screen, which lines above it have moved.
  const look = {
    format,
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
    linewrap: true,
  };
  return new TerminalProgress({ stream, unit, createBars: () => new Bars({ stream, ...look }) });
}

interface TerminalProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly unit: ProgressUnit;
  readonly createBars: () => MultiBar;
}

class TerminalProgress implements Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #unit: ProgressUnit;
  readonly #createBars: () => MultiBar;
  #shown: { readonly bars: MultiBar; readonly bar: GenericBar } | undefined;
  #startedMs = 0;
  #drawnMs = 0;

  constructor({ stream, unit, createBars }: TerminalProgressOptions) {
    this.#stream = stream;
    this.#unit = unit;
    this.#createBars = createBars;
  }

  start(label: string, total: number): void {
    this.stop();
    const { digits, rateDigits } = this.#unit;
    const bars = this.#createBars();
    const bar = bars.create(Math.max(total, 1), 0, {
      label,
      done: (0).toFixed(digits),
      rate: (0).toFixed(rateDigits),
      size: this.#sizeOf(total),
    });
    this.#shown = { bars, bar };
    this.#startedMs = performance.now();
    this.#draw();
  }

  update(done: number, total?: number): void {
    const bar = this.#shown?.bar;
    if (bar === undefined) {
      return;
    }
    if (total !== undefined && total !== bar.getTotal()) {
      bar.setTotal(total);
      bar.update({ size: this.#sizeOf(total) });
    }
    const { size, digits, rateDigits } = this.#unit;
    const seconds = (performance.now() - this.#startedMs) / 1000;
    bar.update(Math.min(done, bar.getTotal()), {
      done: (done / size).toFixed(digits),
      rate: (done / size / Math.max(seconds, 0.001)).toFixed(rateDigits),
    });
    if (performance.now() - this.#drawnMs > drawEveryMs) {
      this.#draw();
    }
  }

  relabel(label: string): void {
    this.#shown?.bar.update({ label });
  }

  print(lines: string): void {
    if (this.#shown !== undefined) {
      cursorTo(this.#stream, 0);
      clearLine(this.#stream, 0);
    }
    this.#stream.write(lines);
    this.#shown?.bar.render(true);
  }

  stop(): void {
    this.#draw();
    this.#shown?.bars.stop();
    this.#shown = undefined;
  }

  #draw(): void {
    this.#shown?.bars.update();
    this.#drawnMs = performance.now();
  }

  #sizeOf(total: number): string {
    const { size, digits } = this.#unit;
    return total === 0 ? '?' : (total / size).toFixed(digits);
  }
}
