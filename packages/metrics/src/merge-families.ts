import type { MetricFamily } from './metric-family.ts';

/**
 * One family of each name, by name: several sources may tell of one metric, each of other labels.
 *
 * @throws {TypeError} where two of one name differ in kind or help.
 */
export function mergeFamilies(families: Iterable<MetricFamily>): MetricFamily[] {
  const merged = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = merged.get(family.name);
    if (known === undefined) {
      merged.set(family.name, family);
      continue;
    }
    if (known.kind !== family.kind || known.help !== family.help) {
      throw new TypeError(`metric ${family.name}: declared twice, as different things`);
    }
    merged.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
  }
  return [...merged.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
