import { deliveryStarts, dueAtMs } from '@sluice/schemas/jao';
import type { AttemptOutcome, BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { createRandom } from '@sluice/schemas/testing';

import type { History } from './history.ts';

const hourMs = 3_600_000;

/**
 * A history of some days, each of which is answered never, in time, early, late, in part or in vain,
 * with keys that come and go, and versions that change, vanish and return.
 */
export function makeHistory(
  contract: DatasetContract,
  days: readonly BusinessDay[],
  seed: number,
): History {
  const random = createRandom(seed);
  const attempts: History['attempts'][number][] = [];
  const keySets: History['keySets'][number][] = [];
  const versions: History['versions'][number][] = [];
  const quarantine: History['quarantine'][number][] = [];
  const pick = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];
  const outcomes: readonly AttemptOutcome[] = [
    'stored',
    'unchanged',
    'empty',
    'deferred',
    'http_5xx',
    'reset',
    'schema',
  ];
  for (const day of days) {
    const dueMs = dueAtMs(contract, day);
    const times = Array.from({ length: Math.floor(random() * 4) }, () =>
      Math.round(dueMs + (random() * 12 - 4) * hourMs),
    ).sort((left, right) => left - right);
    for (const endedMs of times) {
      const isOut = random() < 0.1;
      attempts.push({
        day,
        endedMs: isOut ? undefined : endedMs,
        outcome: isOut ? 'running' : (pick(outcomes) ?? 'empty'),
      });
    }
    if (random() < 0.4) {
      quarantine.push({
        day,
        key: pick([null, 'a', 'b', 'new']) ?? null,
        deliveryStartMs: pick([null, ...deliveryStarts(contract, day).slice(0, 5)]) ?? null,
        reason: 'not_a_number',
        createdMs: Math.round(dueMs + random() * 6 * hourMs),
        decidedMs: random() < 0.5 ? null : Math.round(dueMs + (6 + random() * 4) * hourMs),
      });
    }
    if (random() < 0.3) {
      continue;
    }
    const keys = ['a', 'b', 'c'].filter(() => random() < 0.8);
    for (const [index, knownFromMs] of times.slice(0, 2).entries()) {
      const known = index === 0 ? keys : keys.filter(() => random() < 0.8);
      if (known.length > 0) {
        keySets.push({ day, knownFromMs, keys: known });
      }
    }
    const [firstMs] = times;
    const isWhole = random() < 0.5;
    for (const key of firstMs === undefined ? [] : keys) {
      for (const deliveryStartMs of deliveryStarts(contract, day)) {
        const count = isWhole ? 1 : Math.floor(random() * 4);
        for (let index = 0; index < count; index += 1) {
          const knownFromMs = (firstMs ?? 0) + index * hourMs + Math.floor(random() * hourMs);
          const isGap = !isWhole && random() < 0.4;
          versions.push({
            key,
            deliveryStartMs,
            knownFromMs: isWhole ? (firstMs ?? 0) : knownFromMs,
            value: isGap ? null : Math.floor(random() * 3),
            withdrawn: isGap && random() < 0.5,
          });
        }
      }
    }
  }
  return { attempts, keySets, versions, quarantine };
}
