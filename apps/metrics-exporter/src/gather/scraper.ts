import type { MetricFormat } from '@sluice/metrics';

import type { Collector } from './collector.ts';
import { CollectorRunner } from './collector-runner.ts';
import type { CollectorState, RunnerOptions } from './collector-runner.ts';
import { Gather } from './gather.ts';

/** What one scrape asks for. */
export interface ScrapeRequest {
  readonly format: MetricFormat;
  readonly isCompressed: boolean;
  /** It is answered within this time, with what is known by then. */
  readonly timeoutMs: number;
}

/** Answers scrapes. Those that come while another is being answered share what that one reads. */
export class Scraper {
  readonly #runners: readonly CollectorRunner[];
  #gather: Gather | undefined;

  constructor(collectors: readonly Collector[], options: RunnerOptions) {
    this.#runners = collectors.map((collector) => new CollectorRunner(collector, options));
  }

  /** How each collector fared last. */
  get states(): readonly CollectorState[] {
    return this.#runners.map((runner) => runner.state);
  }

  async scrape({ format, isCompressed, timeoutMs }: ScrapeRequest): Promise<string | Buffer> {
    if (this.#gather?.isOpen !== true) {
      this.#gather = new Gather(this.#runners);
    }
    const gather = this.#gather;
    await gather.wait(timeoutMs);
    return isCompressed ? gather.compressedText(format) : gather.text(format);
  }
}
