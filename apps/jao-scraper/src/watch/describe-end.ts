import type { HeldDay } from '@sluice/warehouse/postgres';

import type { WatchEnd } from './watch-loop.ts';

/** Where too many are missing to be named, the first ones tell enough. */
const namedDays = 10;

/** What is short when all is done that could be; undefined where nothing is. */
export function describeEnd({ uncollected, held }: WatchEnd): string | undefined {
  const ofOthers = new Set(held.map(nameOf));
  const missing = uncollected.filter((name) => !ofOthers.has(name));
  const parts = [
    ...(missing.length === 0
      ? []
      : [`due, and not collected: ${nameFirst(missing)}; see jao-scraper coverage`]),
    ...(held.length === 0
      ? []
      : [`due, and not asked for here: ${describeHeld(held)}; run this again when that has ended`]),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** Who holds which days, and until when. */
export function describeHeld(held: readonly HeldDay[]): string {
  return [...Map.groupBy(held, ({ holder }) => holder)]
    .map(([holder, days]) => {
      const untilMs = Math.max(...days.map(({ claimedUntil }) => claimedUntil.getTime()));
      const until = new Date(untilMs).toISOString();
      return `${nameFirst(days.map(nameOf))}, held by ${holder} until ${until} unless it goes on`;
    })
    .join('; ');
}

function nameOf({ dataset, businessDay }: HeldDay): string {
  return `${dataset} ${businessDay}`;
}

function nameFirst(names: readonly string[]): string {
  const rest = names.length - namedDays;
  return `${names.slice(0, namedDays).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
