import type { JsonType, JsonTypes, RowExpectation } from '@sluice/schemas/expectations';
import { jsonTypes } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { allOf, anyOf, parameter, sql, verbatim } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { predicatePlan } from './row-plan.ts';

type JsonCheck = Extract<RowExpectation, { kind: 'json' }>;

const defaultMaxDepth = 16;
const maxMaxDepth = 64;

/** Without what no text can hold: NUL, and half of a surrogate pair. */
const escapes = [
  '["\\\\/bfnrt]',
  'u(?:[1-9A-CEFa-cef][0-9A-Fa-f]{3}|0(?:[1-9A-Fa-f][0-9A-Fa-f]{2}|0(?:[1-9A-Fa-f][0-9A-Fa-f]|0[1-9A-Fa-f]))|[Dd][0-7][0-9A-Fa-f]{2})',
  'u[Dd][89ABab][0-9A-Fa-f]{2}\\\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}',
].join('|');
const stringPattern = `"(?:[^"\\\\\\x01-\\x1f]|\\\\(?:${escapes}))*"`;
const scalarPattern = 'true|false|null|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?';
/** Arrays and objects that hold nothing but strings (S) and other values (V). */
const innermostPattern = '\\{(?:S:[SV](?:,S:[SV])*)?\\}|\\[(?:[SV](?:,[SV])*)?\\]';
const blanks = '[ \\t\\r\\n]';
const startPatterns: Readonly<Record<JsonType, string>> = {
  object: '\\{',
  array: '\\[',
  string: '"',
  number: '[-0-9]',
  boolean: '[tf]',
  null: 'n',
};

/**
 * Texts that are no JSON, or not of the shape. The engines' own parsers are not asked whether a text is
 * JSON: DuckDB's takes a comma too many and NaN, and Postgres 15 has none that does not end in an error.
 * A text is reduced instead, by regular expressions that both read alike: strings and scalars to a letter
 * each, and then, level by level, what holds nothing but letters.
 */
export function compileJson(context: CheckContext, check: JsonCheck): CheckPlan {
  const { column, is, required = {}, optional = {}, maxDepth = defaultMaxDepth } = check;
  if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > maxMaxDepth) {
    throw new QualityError('DECLARATION', `json: a depth is 1 to ${maxMaxDepth}`);
  }
  const text = context.column(column);
  const conditions = [isJson(text, maxDepth)];
  if (is !== undefined) {
    conditions.push(startsAs(context, text, listOf(is)));
  }
  const members = [
    ...Object.entries(required).map(([name, types]) => ({ name, types, isRequired: true })),
    ...Object.entries(optional).map(([name, types]) => ({ name, types, isRequired: false })),
  ];
  if (members.length > 0) {
    const ofMembers = members.map(({ name, types, isRequired }) => {
      const type = context.dialect.jsonTypeOf(text, name);
      const isOne = anyOf(listOf(types).map((item) => sql`${type} = ${parameter(item, 'text')}`));
      return isRequired ? sql`coalesce(${isOne}, false)` : sql`coalesce(${isOne}, true)`;
    });
    const isObject =
      allOf([...conditions, startsAs(context, text, ['object'])]) ?? verbatim('true');
    // Only what is JSON may reach the engines' functions.
    const hasMembers = allOf([context.dialect.jsonNamesDiffer(text), ...ofMembers]);
    conditions.splice(
      0,
      conditions.length,
      sql`case when ${isObject} then ${hasMembers ?? verbatim('true')} else false end`,
    );
  }
  return predicatePlan(context, check, {
    needs: [column],
    fails: sql`not (${allOf(conditions) ?? verbatim('true')})`,
  });
}

function isJson(text: Sql, maxDepth: number): Sql {
  const replaced = (from: Sql, pattern: string, by: string): Sql =>
    sql`regexp_replace(${from}, ${parameter(pattern, 'text')}, ${parameter(by, 'text')}, 'g')`;
  // An S or V that stands outside of strings becomes what nothing stands for.
  const strings = replaced(text, stringPattern, '""');
  const marked = sql`replace(replace(replace(${strings}, 'S', '\\'), 'V', '\\'), '""', 'S')`;
  let reduced = replaced(replaced(marked, scalarPattern, 'V'), `${blanks}+`, '');
  for (let level = 0; level < maxDepth; level += 1) {
    reduced = replaced(reduced, innermostPattern, 'V');
  }
  return sql`${reduced} in ('S', 'V')`;
}

function startsAs(context: CheckContext, text: Sql, types: readonly JsonType[]): Sql {
  const starts = types.map((type) => startPatterns[type]).join('|');
  return context.dialect.matches(text, `${blanks}*(?:${starts})(?:.|\\n)*`);
}

function listOf(types: JsonTypes): readonly JsonType[] {
  const list = typeof types === 'string' ? [types] : types;
  const isKnown = list.length > 0 && list.every((type) => jsonTypes.includes(type));
  if (!isKnown) {
    throw new QualityError('DECLARATION', `json: types are of ${jsonTypes.join(', ')}`);
  }
  return list;
}
