import type { MetricFamily } from './metric-family.ts';

/**
 * One family of each name, by name: several sources may tell of one metric, each of other labels.
 *
 * @throws {TypeError} where two of one name differ in kind or help.
 */
export function mergeFamilies(families: Iterable<MetricFamily>): MetricFamily[] {
  const parts = new Map<string, [MetricFamily, ...MetricFamily[]]>();
  for (const family of families) {
    const known = parts.get(family.name);
    if (known === undefined) {
      parts.set(family.name, [family]);
      continue;
    }
    if (known[0].kind !== family.kind || known[0].help !== family.help) {
      throw new TypeError(`metric ${family.name}: declared twice, as different things`);
    }
    known.push(family);
  }
  return [...parts.values()]
    .map((all) =>
      all.length === 1 ? all[0] : { ...all[0], samples: all.flatMap(({ samples }) => samples) },
    )
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
