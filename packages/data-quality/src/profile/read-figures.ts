import type { CheckContext } from '../compile/check-context.ts';
import { scanStatement } from '../compile/check-context.ts';
import type { TextRow } from '../compile/check-plan.ts';
import type { EngineSession } from '../engine/engine.ts';
import { renderStatement } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';

/** What profile queries are made with. */
export interface ProfileSource {
  readonly context: CheckContext;
  readonly session: EngineSession;
}

/** A figure as text, or null. */
export type FigureText = string | null;

/** Figures of one pass over the relation, by the names that they are given. */
export async function readFigures(
  { context, session }: ProfileSource,
  figures: ReadonlyMap<string, Sql>,
): Promise<(name: string) => FigureText> {
  const [statement] = scanStatement(context, [...figures.values()]);
  const [row] = statement === undefined ? [] : await session.rows(renderStatement(statement));
  const indexes = new Map([...figures.keys()].map((name, index) => [name, index]));
  return (name) => row?.[`c${indexes.get(name) ?? ''}`] ?? null;
}

/** The rows of a statement. */
export function readRows({ session }: ProfileSource, statement: Sql): Promise<TextRow[]> {
  return session.rows(renderStatement(statement));
}

/** A count that an engine wrote; none is 0. */
export function countOf(text: string | null | undefined): number {
  return Number(text ?? 0);
}
