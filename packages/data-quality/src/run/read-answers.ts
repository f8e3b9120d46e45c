import type { TextRow } from '../compile/check-plan.ts';
import type { EngineSession } from '../engine/engine.ts';
import { renderStatement } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';

/** The rows of each of a plan's own queries, one after the other. */
export async function readAnswers(
  session: EngineSession,
  queries: Iterable<Sql>,
): Promise<TextRow[][]> {
  const answers: TextRow[][] = [];
  for (const query of queries) {
    answers.push(await session.rows(renderStatement(query)));
  }
  return answers;
}
