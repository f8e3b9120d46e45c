import { join } from 'node:path';

import type { CaseContext } from '../bench-case.ts';
import type { BenchInputs } from '../run-bench.ts';
import { copyRows } from './copied-rows.ts';
import type { CopiedRows } from './copied-rows.ts';
import type { JaoCase, JaoContext, JaoSizes, Period } from './jao-case.ts';
import { makeCoverageStore } from './coverage-store.ts';
import type { CoverageStore } from './coverage-store.ts';
import { makeScrapeStore } from './scrape-store.ts';
import type { ScrapeStore } from './scrape-store.ts';
import { startSimulator } from './simulator.ts';
import type { RunningSimulator } from './simulator.ts';
import { makeVersionStore } from './version-store.ts';
import type { VersionStore } from './version-store.ts';

/** What the cases about JAO share, under `folder`. */
export function openJaoInputs(
  folder: string,
  { sizes }: { readonly sizes: JaoSizes },
): Promise<BenchInputs<JaoCase, JaoContext>> {
  let simulator: Promise<RunningSimulator> | undefined;
  const rows = new Map<string, Promise<CopiedRows>>();
  let coverage: Promise<CoverageStore> | undefined;
  const stores = new Map<number, Promise<VersionStore>>();
  const scrapeStores = new Map<number, Promise<ScrapeStore>>();

  const contextOf = (of: CaseContext): JaoContext => {
    const context: JaoContext = {
      ...of,
      sizes,
      serviceUrl: async () => (await (simulator ??= startSimulator())).url,
      copiedRows: (period: Period) => {
        const name = `rows-${period.from}-${period.to}`;
        return getOrMake(rows, name, () => copyRows(context, period, join(folder, name)));
      },
      versionStore: (count: number) =>
        getOrMake(stores, count, () =>
          makeVersionStore(context, count, join(folder, `versions-${count}`)),
        ),
      coverageStore: () =>
        (coverage ??= makeCoverageStore(context, join(folder, 'coverage-store'))),
      scrapeStore: (attempts: number) =>
        getOrMake(scrapeStores, attempts, () =>
          makeScrapeStore(context, attempts, join(folder, `attempts-${attempts}`)),
        ),
    };
    return context;
  };

  return Promise.resolve({
    contextOf,
    // The cases share what they have, and it is in use to the end.
    removeAllBut: () => Promise.resolve(),
    close: async () => {
      // What could not be made was told where it was asked for, and needs no end.
      await Promise.allSettled([
        simulator?.then(({ stop }) => stop()),
        coverage?.then(({ close }) => close()),
        ...[...stores.values(), ...scrapeStores.values()].map((store) =>
          store.then(({ close }: { readonly close: () => Promise<void> }) => close()),
        ),
      ]);
    },
  });
}

function getOrMake<Key, Value>(
  made: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const value = made.get(key) ?? make();
  made.set(key, value);
  return value;
}
