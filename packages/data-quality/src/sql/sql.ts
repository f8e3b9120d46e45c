import { quoteIdentifier } from '@sluice/warehouse/sql-text';
import type { RelationName } from '@sluice/schemas/expectations';

/** Text of SQL with the values that belong into it, before its parameters are numbered. */
export interface Sql {
  readonly parts: readonly (string | SqlValue)[];
  /** A figure that counts rows: that of several groups together is the sum of theirs. */
  readonly isCount?: true;
}

/** A statement as an engine takes it: `$1` to `$n`, all of them texts that the statement casts. */
export interface Statement {
  readonly text: string;
  readonly values: readonly string[];
}

interface SqlValue {
  readonly value: string;
  readonly cast: string;
}

/** Puts pieces of SQL together; a value gets in by {@link parameter} only. */
export function sql(texts: TemplateStringsArray, ...pieces: readonly Sql[]): Sql {
  return {
    parts: texts.flatMap((text, index) => [text, ...(pieces[index]?.parts ?? [])]),
  };
}

/** SQL that is no value and no name: a constant of this package, or a declared expression. */
export function verbatim(text: string): Sql {
  return { parts: [text] };
}

/** A value, sent as text and cast by the statement, so that both engines read it alike. */
export function parameter(value: string, cast: string): Sql {
  return { parts: [{ value, cast }] };
}

/** A quoted name. */
export function identifier(name: string): Sql {
  return verbatim(quoteIdentifier(name));
}

/** A relation by its quoted schema and name. */
export function relationSql({ schema, table }: RelationName): Sql {
  return sql`${identifier(schema)}.${identifier(table)}`;
}

/** Pieces with `separator` between them. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  return {
    parts: pieces.flatMap((piece, index) =>
      index === 0 ? piece.parts : [separator, ...piece.parts],
    ),
  };
}

/** All of them, or `undefined` where there is none: `true` need not be computed. */
export function allOf(conditions: readonly (Sql | undefined)[]): Sql | undefined {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length <= 1
    ? present[0]
    : join(
        present.map((part) => sql`(${part})`),
        ' and ',
      );
}

/** Any of them; false where there is none. */
export function anyOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0
    ? verbatim('false')
    : join(
        conditions.map((part) => sql`(${part})`),
        ' or ',
      );
}

/** `where …`, or nothing. */
export function where(...conditions: readonly (Sql | undefined)[]): Sql {
  const condition = allOf(conditions);
  return condition === undefined ? verbatim('') : sql` where ${condition}`;
}

/** Numbers the parameters; equal ones are one. */
export function renderStatement({ parts }: Sql): Statement {
  const numbers = new Map<string, number>();
  const values: string[] = [];
  const text = parts.map((part) => {
    if (typeof part === 'string') {
      return part;
    }
    const identity = `${part.cast} ${part.value}`;
    const number = numbers.get(identity) ?? values.push(part.value);
    numbers.set(identity, number);
    return `$${number}::${part.cast}`;
  });
  return { text: text.join(''), values };
}
