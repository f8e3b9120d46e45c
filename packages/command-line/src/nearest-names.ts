import { distance } from 'fastest-levenshtein';

const maxNames = 3;
/** Of a name's characters, as many may be others than were meant. */
const maxOtherShare = 0.4;

/** The names that are most like one that there is not, the most alike first: at most three, and none that is unlike. */
export function nearestNames(unknown: string, names: Iterable<string>): readonly string[] {
  const wanted = unknown.toLowerCase();
  const maxDistance = Math.floor(wanted.length * maxOtherShare);
  return [...names]
    .map((name) => ({ name, distance: distance(wanted, name.toLowerCase()) }))
    .filter((each) => each.distance <= maxDistance)
    .toSorted((left, right) => left.distance - right.distance)
    .slice(0, maxNames)
    .map(({ name }) => name);
}

/** Names that there are not, quoted, each with what may have been meant: `"core/atcs" (did you mean core/atc?)`. */
export function quoteUnknown(unknown: readonly string[], names: Iterable<string>): string {
  const known = [...names];
  return unknown
    .map((name) => {
      const nearest = nearestNames(name, known);
      const hint = nearest.length === 0 ? '' : ` (did you mean ${nearest.join(' or ')}?)`;
      return `${JSON.stringify(name)}${hint}`;
    })
    .join(', ');
}
