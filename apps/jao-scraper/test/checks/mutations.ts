import { addDays } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

/** What breaks the data such that a check sees it, and nothing else need be right afterwards. */
export interface Mutation {
  /** Statements on `broken.latest` and `broken.day`, which have one day of the dataset. */
  readonly sql: readonly string[];
  /** The day that is checked afterwards. @default the same */
  readonly day?: BusinessDay;
}

const someCell = `ctid = (select min(ctid) from broken.latest)`;

/** A mutation for each check of a dataset, by its id. */
export function mutationsFor(contract: DatasetContract): Readonly<Record<string, Mutation>> {
  const dayBefore = addDays(contract.firstBusinessDay, -1);
  const cells = (set: string, where = someCell): Mutation => ({
    sql: [`update broken.latest set ${set} where ${where}`],
  });
  const days = (set: string): Mutation => ({ sql: [`update broken.day set ${set}`] });
  return {
    'cells.columns': { sql: ['alter table broken.latest drop column vintage'] },
    'cells.unique': {
      sql: [`insert into broken.latest select * from broken.latest where ${someCell}`],
    },
    'cells.key.form': cells(`key = '!' || key`),
    'cells.unit': cells(`unit = 'furlong'`),
    'cells.vintage': cells(`vintage = 'imagined'`),
    'cells.period': cells(`delivery_end = delivery_end + interval '1 minute'`),
    'cells.aligned': cells(`delivery_start = delivery_start + interval '1 minute'`),
    'cells.overlap': cells(`delivery_end = delivery_end + interval '1 minute'`),
    'cells.business_day': cells(
      `delivery_start = delivery_start + interval '1 day', delivery_end = delivery_end + interval '1 day'`,
    ),
    'cells.first_day': { ...cells(`business_day = '${dayBefore}'`), day: dayBefore },
    'cells.value.there': cells('value = null', 'true'),
    'cells.value.floor': cells('value = -1'),
    'cells.value.plausible': cells('value = 1e12'),
    'cells.value.none': cells('value = 99999', 'true'),
    'cells.value.mean': cells('value = value * 3 + 1e7', 'true'),
    'cells.value.spread': cells('value = 1e8'),
    'days.columns': { sql: ['alter table broken.day drop column state'] },
    'days.unique': { sql: ['insert into broken.day select * from broken.day'] },
    'days.complete': days(`state = 'incomplete'`),
    'days.revised': days(`first_known = last_revised + interval '1 second'`),
    'days.cells.whole': days('cells = cells + 1'),
    'days.keys.all': days('cells = cells - 1'),
    'days.keys.known': days('cells = cells + 1'),
    'days.cells.stored': days('cells = cells + 1'),
    'days.fresh': { sql: ['delete from broken.day'] },
    'days.gaps': { sql: ['delete from broken.day'] },
    'days.volume': days('cells = cells * 2'),
    'days.keys': days('keys = keys - 1'),
  };
}
