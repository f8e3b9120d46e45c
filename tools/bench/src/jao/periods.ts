import { addDays } from '@sluice/schemas/jao';

import { lastDay } from './jao-case.ts';
import type { JaoSizes, Period } from './jao-case.ts';

const daysOfMonth = 31;
/** Enough that a process's start counts little. */
const daysToRefetch = 366;

/** The newest days of the history. */
export function historyOf({ days }: Pick<JaoSizes, 'days'>): Period {
  return { from: addDays(lastDay, 1 - days), to: lastDay, days };
}

/** The first quarter of the history. */
export function quarterOf(sizes: JaoSizes): Period {
  const { from } = historyOf(sizes);
  const days = Math.max(1, Math.round(sizes.days / 4));
  return { from, to: addDays(from, days - 1), days };
}

/** A month in whose middle the keys become 150, or as many days as there are. */
export function monthOf({ days }: JaoSizes): Period {
  const length = Math.min(daysOfMonth, days);
  return { from: '2026-05-20', to: addDays('2026-05-20', length - 1), days: length };
}

/** The days that are asked for twice. */
export function refetchedOf({ days }: JaoSizes): Period {
  return historyOf({ days: Math.min(daysToRefetch, days) });
}
