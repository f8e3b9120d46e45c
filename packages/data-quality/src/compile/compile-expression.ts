import type { RowExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { parameter, sql, verbatim } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';

type Expression = Extract<RowExpectation, { kind: 'expression' }>['sql'];

/** Words that both engines read alike. `like`, for one, they do not. */
const sharedWords: ReadonlySet<string> = new Set(
  'and or not is null true false between in case when then else end distinct from'.split(' '),
);
const sharedFunctions: ReadonlySet<string> = new Set(['abs', 'coalesce', 'nullif', 'length']);

const tokenPattern =
  /\s*(?:(?<name>"(?:[^"]|"")*")|(?<text>'(?:[^']|'')*')|(?<number>\d+(?:\.\d+)?)|(?<word>[A-Za-z_]+)|(?<sign><>|<=|>=|[=<>+\-*(),]))/uy;

/**
 * A declared expression as SQL. Of one that is for both engines, columns of integers are widened, so
 * that sums and products do not overflow in one engine and not in the other, texts compare by their
 * bytes, and literals become parameters.
 *
 * @throws {QualityError} `DECLARATION` for what the engines may not read alike.
 */
export function compileExpression(context: CheckContext, expression: Expression): Sql {
  if (typeof expression !== 'string') {
    return verbatim(expression[context.dialect.name]);
  }
  const text = expression.trim();
  const pieces: Sql[] = [];
  const pattern = new RegExp(tokenPattern);
  let depth = 0;
  let isArithmetic = false;
  let hasDouble = false;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) {
      return refuse(text, `${JSON.stringify(text.slice(at, at + 12))} may not be read alike`);
    }
    depth += groups['sign'] === '(' ? 1 : 0;
    depth -= groups['sign'] === ')' ? 1 : 0;
    isArithmetic ||= ['+', '-', '*'].includes(groups['sign'] ?? '');
    hasDouble ||=
      groups['name'] !== undefined && context.typeOf(unquote(groups['name'])) === 'double';
    if (depth < 0) {
      return refuse(text, 'a parenthesis closes nothing');
    }
    pieces.push(tokenSql(context, groups, text, text.slice(pattern.lastIndex)));
  }
  if (depth !== 0 || pieces.length === 0) {
    return refuse(text, 'it is not complete');
  }
  if (isArithmetic && hasDouble) {
    return refuse(
      text,
      'a double that gets too large is an error in one engine, infinite in the other',
    );
  }
  return { parts: pieces.flatMap(({ parts }) => [...parts, ' ']) };
}

type Groups = Readonly<Record<string, string | undefined>>;

function tokenSql(context: CheckContext, groups: Groups, whole: string, rest: string): Sql {
  const { name, text, number, word, sign } = groups as Readonly<
    Partial<Record<'name' | 'text' | 'number' | 'word' | 'sign', string>>
  >;
  if (name !== undefined) {
    return columnSql(context, unquote(name));
  }
  if (text !== undefined) {
    return parameter(text.slice(1, -1).replaceAll("''", "'"), 'text');
  }
  if (number !== undefined) {
    return parameter(number, number.includes('.') ? 'float8' : context.dialect.wideInteger);
  }
  if (sign !== undefined) {
    return rest.startsWith(sign) && sign === '-'
      ? refuse(whole, '-- would begin a comment')
      : verbatim(sign);
  }
  const lower = (word ?? '').toLowerCase();
  const isShared = rest.trimStart().startsWith('(')
    ? sharedFunctions.has(lower) || sharedWords.has(lower)
    : sharedWords.has(lower);
  return isShared
    ? verbatim(lower)
    : refuse(
        whole,
        `${lower} is no word that both engines read alike; columns are in double quotes`,
      );
}

function unquote(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"');
}

function columnSql(context: CheckContext, name: string): Sql {
  const column = context.column(name);
  return context.typeOf(name) === 'integer'
    ? sql`(${column}::${verbatim(context.dialect.wideInteger)})`
    : column;
}

function refuse(text: string, why: string): never {
  throw new QualityError('DECLARATION', `expression ${JSON.stringify(text)}: ${why}`);
}
