import type { MetricFormat } from '@sluice/metrics';

import type { Collector } from './collector.ts';
import { CollectorRunner } from './collector-runner.ts';
import type { CollectorState, RunnerOptions } from './collector-runner.ts';
import { Gather } from './gather.ts';
import type { ElapsedMs } from './gather.ts';

/** What one scrape asks for. */
export interface ScrapeRequest {
  readonly format: MetricFormat;
  readonly isCompressed: boolean;
  /** It is answered within this time, with what is known by then. */
  readonly timeoutMs: number;
}

/** What a scraper needs besides its collectors. */
export interface ScraperOptions extends RunnerOptions {
  /** @default that of the process */
  readonly elapsedMs?: ElapsedMs;
}

/** Answers scrapes. Those that come at once share what the first of them reads. */
export class Scraper {
  readonly #runners: readonly CollectorRunner[];
  readonly #elapsedMs: ElapsedMs;
  #gather: Gather | undefined;

  constructor(
    collectors: readonly Collector[],
    { onFailure, elapsedMs = () => performance.now() }: ScraperOptions,
  ) {
    this.#runners = collectors.map((collector) => new CollectorRunner(collector, { onFailure }));
    this.#elapsedMs = elapsedMs;
  }

  /** How each collector fared last. */
  get states(): readonly CollectorState[] {
    return this.#runners.map((runner) => runner.state);
  }

  async scrape({ format, isCompressed, timeoutMs }: ScrapeRequest): Promise<string | Buffer> {
    if (this.#gather?.isOpen !== true) {
      this.#gather = new Gather(this.#runners, this.#elapsedMs);
    }
    const gather = this.#gather;
    await gather.wait(timeoutMs);
    return isCompressed ? gather.compressedText(format) : gather.text(format);
  }
}
