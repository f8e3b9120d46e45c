import { textForms } from '@sluice/schemas/expectations';
import type { ColumnProfile } from '@sluice/schemas/expectations';

import { formPatterns } from '../pattern/form-patterns.ts';
import { sharedPattern } from '../pattern/shared-pattern.ts';
import { bytewise } from '../sql/dialect.ts';
import { join, sql, verbatim, where } from '../sql/sql.ts';
import { countOf, readRows } from './read-figures.ts';
import type { ProfileSource } from './read-figures.ts';

/** More shapes than a pattern can be made of. */
export const maxShapes = 200;

/** Lengths, forms and shapes of the texts; each different text is looked at once. */
export async function profileText(
  source: ProfileSource,
  name: string,
): Promise<ColumnProfile['text']> {
  const { context } = source;
  const column = context.column(name);
  const values = sql`select ${column} as value, count(*) as n${context.from}${where(context.isNotNull(name))} group by ${column}`;
  const value = bytewise(sql`value`);
  const forms = textForms.map(
    (form, index) =>
      sql`coalesce(sum(n) filter (where ${context.dialect.matches(value, sharedPattern(formPatterns[form]))}), 0)::text as ${verbatim(`f${index}`)}`,
  );
  const jsonLike = context.dialect.matches(value, '[ \\t\\r\\n]*[\\[{](?:.|\\n)*');
  const [row] = await readRows(
    source,
    sql`select min(length(value))::text as least, max(length(value))::text as most,
        coalesce(sum(n) filter (where ${jsonLike}), 0)::text as json, ${join(forms, ', ')}
      from (${values}) as v`,
  );
  // Digits first: what they become is neither kind of letter.
  const shape = sql`regexp_replace(regexp_replace(regexp_replace(${value}, '[0-9]', '9', 'g'), '[a-z]', 'a', 'g'), '[A-Z]', 'A', 'g')`;
  const shapes = await readRows(
    source,
    sql`select shape, sum(n)::text as times, min(${value}) as least, max(${value}) as most
      from (select value, n, ${bytewise(shape)} as shape from (${values}) as v) as s
      group by shape order by sum(n) desc, ${bytewise(sql`shape`)} limit ${verbatim(String(maxShapes + 1))}`,
  );
  const counts = textForms.map((form, index) => [form, countOf(row?.[`f${index}`])] as const);
  return {
    minLength: row?.['least'] == null ? null : countOf(row['least']),
    maxLength: row?.['most'] == null ? null : countOf(row['most']),
    forms: Object.fromEntries(counts.filter(([, rows]) => rows > 0)),
    jsonLike: countOf(row?.['json']),
    shapes: shapes.map((found) => ({
      shape: found['shape'] ?? '',
      rows: countOf(found['times']),
      min: found['least'] ?? '',
      max: found['most'] ?? '',
    })),
  };
}
