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
  const absences: History['absences'][number][] = [];
  const lives = { a: days, b: days.slice(1), c: days.slice(0, 2), d: days.slice(3, 4) };
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
    const isAnswered = times.length > 0 && random() < 0.75;
    for (const [index, endedMs] of times.entries()) {
      const isOut = random() < 0.1;
      if (isAnswered && index === 0) {
        attempts.push({ day, endedMs, outcome: 'stored', quarantined: Math.floor(random() * 2) });
      } else {
        attempts.push({
          day,
          endedMs: isOut ? undefined : endedMs,
          outcome: isOut ? 'running' : (pick(outcomes) ?? 'empty'),
          quarantined: isOut ? 0 : Math.floor(random() * 2),
        });
      }
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
    if (random() < 0.4) {
      const starts = deliveryStarts(contract, day);
      const [dayMs = 0, nextMs = 0] = starts;
      const lengthMs = starts.length * (nextMs - dayMs);
      const isPart = random() < 0.5;
      const recordedMs = Math.round(dueMs + (random() * 8 - 4) * hourMs);
      absences.push({
        keys: pick([null, ['a'], ['b', 'c']]) ?? null,
        startMs: isPart ? (pick(starts) ?? dayMs) : dayMs - (random() < 0.3 ? hourMs : 0),
        endMs: dayMs + lengthMs + (random() < 0.3 ? 2 * hourMs : 0),
        reason: pick(['no auction', 'maintenance']) ?? '',
        recordedMs,
        withdrawnMs: random() < 0.5 ? null : Math.round(recordedMs + random() * 6 * hourMs),
      });
    }
    const [firstMs] = times;
    if (firstMs === undefined || !isAnswered) {
      continue;
    }
    const isWhole = random() < 0.5;
    const known = new Set<string>();
    for (const [key, ofKey] of Object.entries(lives)) {
      if (!ofKey.includes(day) || random() < 0.15) {
        continue;
      }
      for (const deliveryStartMs of deliveryStarts(contract, day)) {
        const count = isWhole ? 1 : Math.floor(random() * 4);
        let before: History['versions'][number] | undefined;
        for (let index = 0; index < count; index += 1) {
          const isGap = !isWhole && random() < 0.4;
          const version = {
            key,
            deliveryStartMs,
            knownFromMs:
              firstMs + (index === 0 ? 0 : index * hourMs + Math.floor(random() * hourMs)),
            value: isGap ? null : Math.floor(random() * 3),
            withdrawn: isGap && random() < 0.5,
          };
          if (before?.value !== version.value || before.withdrawn !== version.withdrawn) {
            versions.push(version);
            before = version;
            known.add(key);
          }
        }
      }
    }
    if (known.size > 0) {
      keySets.push({ day, knownFromMs: firstMs, keys: [...known].toSorted() });
    }
    const fewer = [...known].filter(() => random() < 0.8).toSorted();
    if (fewer.length > 0 && fewer.length < known.size) {
      keySets.push({ day, knownFromMs: firstMs + 1, keys: fewer });
    }
  }
  return { attempts, keySets, versions, quarantine, absences };
}
