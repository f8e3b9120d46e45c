import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Side } from '../bench-case.ts';
import { requireEqual, requireSuccess } from '../checks.ts';
import { emptyFolder } from '../empty-folder.ts';
import { scriptUrl } from '../script-url.ts';
import { insertSeries } from './copied-rows.ts';
import type { CopiedRows } from './copied-rows.ts';
import { HeldHome, openHome } from './home.ts';
import type { JaoCase, JaoContext, Period } from './jao-case.ts';
import { historyOf, monthOf, quarterOf, refetchedOf } from './periods.ts';
import {
  backfill,
  backfillArguments,
  createTables,
  requireBackfilled,
  scraperEnvironment,
} from './scraper.ts';
import { countRows, sumObservations } from './sum-observations.ts';

const maxPeakBytes = 400e6;

/** What `jao-scraper backfill` costs. */
export const collectCases: readonly JaoCase[] = [
  {
    id: 'month',
    limits: [{ kind: 'seconds-at-most', value: 3 }],
    setUp: async (context) => {
      const period = monthOf(context.sizes);
      const rows = await context.copiedRows(period);
      const work = { rows: rows.rows, bytes: undefined };
      const a = join(context.folder, 'a');
      const b = join(context.folder, 'b');
      const label = 'jao-scraper backfill, an empty folder';
      return {
        a: {
          label: 'initdb, start, bare COPY, stop',
          work,
          args: [fileURLToPath(scriptUrl('jao/yardstick/copy-into-empty-folder')), a, rows.folder],
          prepare: () => emptyFolder(a),
          check: async (run) => {
            requireSuccess('bare COPY', run);
            return sumValues(context, a, 'observation');
          },
        },
        b: {
          label,
          work,
          args: backfillArguments(period, b),
          environment: await scraperEnvironment(context),
          prepare: () => emptyFolder(b),
          check: async (run) => {
            requireBackfilled(label, run, {
              days: period.days,
              outcome: 'stored',
              added: rows.rows,
            });
            return sumValues(context, b, 'jao.observation');
          },
        },
      };
    },
  },
  besideCopy('history', {
    transactions: 'one',
    limits: [
      { kind: 'ratio-at-most', value: 2 },
      { kind: 'rows-per-second-at-least', value: 100e3 },
      { kind: 'peak-at-most', value: maxPeakBytes },
    ],
  }),
  besideCopy('history-per-day', {
    transactions: 'per-day',
    limits: [{ kind: 'ratio-at-most', value: 2 }],
  }),
  {
    id: 'growth',
    isPerRow: true,
    limits: [
      { kind: 'ratio-at-most', value: 1.3 },
      { kind: 'peak-at-most', value: maxPeakBytes },
      { kind: 'peak-ratio-at-most', value: 1.25 },
    ],
    setUp: async (context) => {
      const side = async (name: 'a' | 'b', period: Period) => {
        const rows = await context.copiedRows(period);
        const home = new HeldHome(join(context.folder, name), context.signal);
        return { home, side: await backfillSide(context, { home, period, rows: rows.rows }) };
      };
      const a = await side('a', quarterOf(context.sizes));
      const b = await side('b', historyOf(context.sizes));
      // Different days: each is checked by its own count.
      const uncompared = ({ side: { check, ...rest } }: typeof a): Side => ({
        ...rest,
        check: async (run) => {
          await check(run);
        },
      });
      return { a: uncompared(a), b: uncompared(b), close: () => closeAll([a.home, b.home]) };
    },
  },
  {
    id: 'refetch',
    limits: [{ kind: 'ratio-at-most', value: 0.25 }],
    setUp: async (context) => {
      const period = refetchedOf(context.sizes);
      const first = new HeldHome(join(context.folder, 'a'), context.signal);
      const again = new HeldHome(join(context.folder, 'b'), context.signal);
      await again.renew(() => backfill(context, period, again.folder));
      const { count } = await sumObservations(again.db);
      return {
        a: await backfillSide(context, { home: first, period, rows: count }),
        b: await refetchSide(context, { home: again, period, rows: count }),
        close: () => closeAll([first, again]),
      };
    },
  },
];

/** A backfill beside bare COPY of what it stores, into the same tables on servers that run already. */
function besideCopy(
  id: string,
  of: { readonly transactions: 'one' | 'per-day'; readonly limits: JaoCase['limits'] },
): JaoCase {
  return {
    id,
    limits: of.limits,
    setUp: async (context) => {
      const period = historyOf(context.sizes);
      const rows = await context.copiedRows(period);
      const a = new HeldHome(join(context.folder, 'a'), context.signal);
      const b = new HeldHome(join(context.folder, 'b'), context.signal);
      return {
        a: copySide(context, { home: a, rows, transactions: of.transactions }),
        b: await backfillSide(context, { home: b, period, rows: rows.rows }),
        close: () => closeAll([a, b]),
      };
    },
  };
}

function copySide(
  context: JaoContext,
  of: {
    readonly home: HeldHome;
    readonly rows: CopiedRows;
    readonly transactions: 'one' | 'per-day';
  },
): Side {
  const { home, rows, transactions } = of;
  const label = `bare COPY, ${transactions === 'one' ? 'one transaction' : 'a transaction a day'}`;
  const script = fileURLToPath(scriptUrl('jao/yardstick/copy-history'));
  return {
    label,
    work: { rows: rows.rows, bytes: rows.bytes },
    // Each new server has a port and passwords of its own.
    get args() {
      return [script, home.db.url('worker'), rows.folder, transactions];
    },
    prepare: async () => {
      await home.renew(() => createTables(context, home.folder));
      await insertSeries(home.db, rows);
    },
    check: async (run) => {
      requireSuccess(label, run);
      return sumObservations(home.db);
    },
  };
}

async function backfillSide(
  context: JaoContext,
  of: { readonly home: HeldHome; readonly period: Period; readonly rows: number },
): Promise<Side> {
  const { home, period, rows } = of;
  const label = `jao-scraper backfill, ${period.days} days`;
  return {
    label,
    work: { rows, bytes: undefined },
    args: backfillArguments(period, home.folder),
    environment: await scraperEnvironment(context),
    prepare: () => home.renew(() => createTables(context, home.folder)),
    check: async (run) => {
      requireBackfilled(label, run, { days: period.days, outcome: 'stored', added: rows });
      const sums = await sumObservations(home.db);
      requireEqual(`${label}: rows`, sums.count, rows);
      return sums;
    },
  };
}

/** The days that are there already, again: they add their attempts, and nothing else. */
async function refetchSide(
  context: JaoContext,
  of: { readonly home: HeldHome; readonly period: Period; readonly rows: number },
): Promise<Side> {
  const { home, period } = of;
  const label = `jao-scraper backfill --refetch, ${period.days} days`;
  let before: Readonly<Record<string, number>> = {};
  return {
    label,
    work: { rows: of.rows, bytes: undefined },
    args: backfillArguments(period, home.folder, ['--refetch']),
    environment: await scraperEnvironment(context),
    prepare: async () => {
      before = await countRows(home.db);
    },
    check: async (run) => {
      requireBackfilled(label, run, { days: period.days, outcome: 'unchanged', added: 0 });
      requireEqual(`${label}: rows of all tables`, await countRows(home.db), {
        ...before,
        'ops.attempt': (before['ops.attempt'] ?? 0) + period.days,
        'ops.run': (before['ops.run'] ?? 0) + 1,
      });
      return sumObservations(home.db);
    },
  };
}

/** What does not depend on which number a series got. */
async function sumValues(context: JaoContext, folder: string, table: string): Promise<unknown> {
  const db = await openHome(folder, context.signal);
  try {
    return await db.row(
      z.object({ count: z.number(), values: z.string(), starts: z.string() }),
      `select count(*) as count, sum(value::numeric)::text as values,
         sum(extract(epoch from delivery_start))::text as starts from ${table}`,
    );
  } finally {
    await db.close();
  }
}

async function closeAll(homes: readonly HeldHome[]): Promise<void> {
  for (const home of homes) await home.close();
}
