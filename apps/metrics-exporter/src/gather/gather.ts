import { mergeFamilies, renderFamilies } from '@sluice/metrics';
import type { MetricFamily, MetricFormat } from '@sluice/metrics';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { collectorFamilies } from './collector-families.ts';
import type { CollectorRun, CollectorRunner } from './collector-runner.ts';

const compress = promisify(gzip);
/** The fastest: a scrape waits for it, and the text shrinks to a tenth all the same. */
const compressionLevel = 1;

/** Long enough for scrapes at once, and nothing that is told is older when it is asked for. */
const longestOpenMs = 1000;

/** A clock that never goes back. */
export type ElapsedMs = () => number;

/**
 * One reading of all collectors. Every scrape that comes while it is open shares it: its runs, and for
 * each format its text and what that is compressed to.
 */
export class Gather {
  /** Resolves when each run has ended. */
  readonly settled: Promise<void>;
  readonly #runs: readonly CollectorRun[];
  readonly #abort = new AbortController();
  readonly #texts = new Map<MetricFormat, string>();
  readonly #compressed = new Map<MetricFormat, Promise<Buffer>>();
  readonly #elapsedMs: ElapsedMs;
  readonly #beganMs: number;
  #waiting = 0;
  #isSettled = false;
  #isOverdue = false;

  constructor(runners: readonly CollectorRunner[], elapsedMs: ElapsedMs) {
    this.#elapsedMs = elapsedMs;
    this.#beganMs = elapsedMs();
    this.#runs = runners.map((runner) => runner.start(this.#abort.signal));
    this.settled = Promise.all(this.#runs.map((run) => run.ended)).then(() => {
      this.#isSettled = true;
    });
  }

  /**
   * Whether it is of use to a scrape that comes now. One that has kept a scrape waiting in vain is not:
   * what hangs would have all that come after see what the others gave long ago.
   */
  get isOpen(): boolean {
    const ageMs = this.#elapsedMs() - this.#beganMs;
    return !this.#isSettled && !this.#isOverdue && ageMs < longestOpenMs;
  }

  /**
   * Waits until all runs have ended, or for so long. The last scrape that gives up stops what still
   * runs.
   */
  async wait(timeoutMs: number): Promise<void> {
    const isEarly = new AbortController();
    this.#waiting += 1;
    await Promise.race([
      this.settled,
      delay(timeoutMs, undefined, { signal: isEarly.signal }).catch(() => undefined),
    ]);
    isEarly.abort();
    this.#waiting -= 1;
    this.#isOverdue ||= !this.#isSettled;
    if (this.#waiting === 0 && !this.#isSettled) {
      this.#abort.abort(new Error(`not done when the scrape's time was up`));
    }
  }

  /** What is known now. It is written once for all scrapes where each run has ended. */
  text(format: MetricFormat): string {
    const known = this.#texts.get(format);
    if (known !== undefined) {
      return known;
    }
    const text = this.#render(format);
    if (this.#isSettled) {
      this.#texts.set(format, text);
    }
    return text;
  }

  /** The same, compressed. */
  async compressedText(format: MetricFormat): Promise<Buffer> {
    const known = this.#compressed.get(format);
    if (known !== undefined) {
      return known;
    }
    const compressed = compress(this.text(format), { level: compressionLevel });
    if (this.#isSettled) {
      this.#compressed.set(format, compressed);
    }
    return compressed;
  }

  #render(format: MetricFormat): string {
    try {
      return this.#renderAll(format);
    } catch {
      this.#failUnusable(format);
      return this.#renderAll(format);
    }
  }

  #renderAll(format: MetricFormat): string {
    const families = this.#runs.flatMap((run) => run.families);
    return renderFamilies(mergeFamilies([...families, ...collectorFamilies(this.#runs)]), format);
  }

  /** What can not be written, alone or beside what others gave before it, costs its own collector only. */
  #failUnusable(format: MetricFormat): void {
    const usable: MetricFamily[] = [...collectorFamilies(this.#runs)];
    for (const run of this.#runs) {
      try {
        renderFamilies(mergeFamilies([...usable, ...run.families]), format);
        usable.push(...run.families);
      } catch (error) {
        run.fail(error instanceof Error ? error.message : String(error));
      }
    }
  }
}
