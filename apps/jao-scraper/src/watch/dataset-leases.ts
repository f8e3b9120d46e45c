import type { DatasetContract } from '@sluice/schemas/jao';
import { acquireLease, releaseLease, renewLease } from '@sluice/warehouse/postgres';
import type { Lease } from '@sluice/warehouse/postgres';
import { hostname } from 'node:os';

import { letGo, onDatabase } from '../collect/collect-context.ts';
import type { CollectContext } from '../collect/collect-context.ts';

/** Whoever has not renewed for so long has lost it. */
const ttlMs = 30_000;
const renewEveryMs = 10_000;

/**
 * Which datasets this process schedules: one watcher does it for each, and the others stand by until
 * that one ends or dies.
 */
export class DatasetLeases {
  readonly #context: CollectContext;
  readonly #leases = new Map<string, Lease>();
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: CollectContext) {
    this.#context = context;
  }

  /** Whether this process schedules the dataset. */
  holds({ name }: DatasetContract): boolean {
    return this.#leases.has(name);
  }

  /** Renews what is held, and takes what is free; gives what has come, and what was lost. */
  async keep(
    contracts: readonly DatasetContract[],
  ): Promise<{ readonly taken: readonly string[]; readonly lost: readonly string[] }> {
    const taken: string[] = [];
    const lost: string[] = [];
    if (performance.now() - this.#renewedAtMs < renewEveryMs) {
      return { taken, lost };
    }
    const { db, runId } = this.#context;
    for (const { name } of contracts) {
      const held = this.#leases.get(name);
      if (held !== undefined) {
        if (!(await onDatabase(this.#context, () => renewLease(db, held, ttlMs)))) {
          this.#leases.delete(name);
          lost.push(name);
        }
        continue;
      }
      const lease = await onDatabase(this.#context, () =>
        acquireLease(db, {
          name: `watch ${name}`,
          holder: `${hostname()} ${String(process.pid)}`,
          runId,
          ttlMs,
        }),
      );
      if (lease !== undefined) {
        this.#leases.set(name, lease);
        taken.push(name);
      }
    }
    this.#renewedAtMs = performance.now();
    return { taken, lost };
  }

  /** Lets go of all, for whoever stands by; gives the datasets whose leases were given back. */
  async release(): Promise<readonly string[]> {
    const released: string[] = [];
    for (const [name, lease] of this.#leases) {
      if (await letGo(this.#context, 'a lease', () => releaseLease(this.#context.db, lease))) {
        released.push(name);
      }
    }
    this.#leases.clear();
    return released;
  }
}
