import type { MetricFamily } from '@sluice/metrics';

import type { Collector } from './collector.ts';

/** One run of a collector, as far as it has come. */
export interface CollectorRun {
  readonly name: string;
  /** Of a run that ended well; else what its collector tells instead. */
  readonly families: readonly MetricFamily[];
  readonly isRunning: boolean;
  /** Why it failed. */
  readonly error: string | undefined;
  /** So far, or in all. */
  readonly durationMs: number;
  /** Resolves when it has ended well or badly, or was told to stop. It never rejects. */
  readonly ended: Promise<void>;
  /** Makes a failure of it after all, where nothing can be done with what it gave. */
  readonly fail: (error: string) => void;
}

/** What is known of a collector between its runs. */
export interface CollectorState {
  readonly name: string;
  readonly lastSuccessAt: Date | undefined;
  /** Of the newest run that has ended; undefined where it ended well, or none has. */
  readonly error: string | undefined;
}

/** What a runner needs besides its collector. */
export interface RunnerOptions {
  /** Told of each failure. */
  readonly onFailure: (collector: string, error: string) => void;
}

/** One for scrapes that still wait for it, and one for those that came too late to share it. */
const maxRuns = 2;

/**
 * Runs one collector, twice at a time at most. One that does not stop when it is told to is left alone:
 * until it has ended, each further run fails at once, so that what hangs does not pile up.
 */
export class CollectorRunner {
  readonly #collector: Collector;
  readonly #options: RunnerOptions;
  /** Oldest first. */
  readonly #busy = new Set<{ readonly since: Date; readonly signal: AbortSignal }>();
  #lastSuccessAt: Date | undefined;
  #error: string | undefined;

  constructor(collector: Collector, options: RunnerOptions) {
    this.#collector = collector;
    this.#options = options;
  }

  get state(): CollectorState {
    return { name: this.#collector.name, lastSuccessAt: this.#lastSuccessAt, error: this.#error };
  }

  start(signal: AbortSignal): CollectorRun {
    const run = new Run(this.#collector, (error) => {
      this.#error = error;
      this.#options.onFailure(this.#collector.name, error);
    });
    const [oldest] = this.#busy;
    if (oldest !== undefined && (oldest.signal.aborted || this.#busy.size === maxRuns)) {
      run.end({ error: `it has not ended since ${oldest.since.toISOString()}` });
      return run;
    }
    const busy = { since: new Date(), signal };
    this.#busy.add(busy);
    const onAbort = (): void => {
      run.end({ error: wordsOf(signal.reason) });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    void this.#collect(signal)
      .then((result) => {
        if (run.isRunning && 'families' in result) {
          this.#lastSuccessAt = new Date();
          this.#error = undefined;
        }
        run.end(result);
      })
      .finally(() => {
        this.#busy.delete(busy);
        signal.removeEventListener('abort', onAbort);
      });
    return run;
  }

  async #collect(signal: AbortSignal): Promise<RunResult> {
    try {
      return { families: await this.#collector.collect(signal) };
    } catch (error) {
      return { error: wordsOf(error) };
    }
  }
}

type RunResult = { readonly families: readonly MetricFamily[] } | { readonly error: string };

class Run implements CollectorRun {
  readonly name: string;
  readonly ended: Promise<void>;
  readonly #whenFailed: readonly MetricFamily[];
  readonly #onFailure: (error: string) => void;
  readonly #resolve: () => void;
  readonly #beganMs = performance.now();
  #endedMs: number | undefined;
  #result: RunResult | undefined;

  constructor({ name, whenFailed = [] }: Collector, onFailure: (error: string) => void) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.name = name;
    this.#whenFailed = whenFailed;
    this.ended = promise;
    this.#resolve = () => {
      resolve(undefined);
    };
    this.#onFailure = onFailure;
  }

  get families(): readonly MetricFamily[] {
    return this.#result !== undefined && 'families' in this.#result
      ? this.#result.families
      : this.#whenFailed;
  }

  get isRunning(): boolean {
    return this.#result === undefined;
  }

  get error(): string | undefined {
    return this.#result !== undefined && 'error' in this.#result ? this.#result.error : undefined;
  }

  get durationMs(): number {
    return (this.#endedMs ?? performance.now()) - this.#beganMs;
  }

  /** Counts once: what comes after the deadline comes too late. */
  end(result: RunResult): void {
    if (this.#result !== undefined) {
      return;
    }
    this.#result = result;
    this.#endedMs = performance.now();
    if ('error' in result) {
      this.#onFailure(result.error);
    }
    this.#resolve();
  }

  fail(error: string): void {
    this.#result = { error };
    this.#onFailure(error);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
