import { figureColumns, scanStatement } from '../compile/check-context.ts';
import type { CheckContext } from '../compile/check-context.ts';
import type { Sql } from '../sql/sql.ts';
import { renderStatement, sql } from '../sql/sql.ts';
import type { EngineSession } from '../engine/engine.ts';

/** The figures of each day, by what they are. */
export type FiguresByDay = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

/** The figures of several checks, read in one pass over the relation, each different one once. */
export class SharedScan {
  readonly #context: CheckContext;
  readonly #figures = new Map<string, Sql>();
  readonly #values: Map<string, string | null>;

  /** With the figures that are known already, as another scan has read them. */
  constructor(context: CheckContext, known: Iterable<readonly [string, string | null]> = []) {
    this.#context = context;
    this.#values = new Map(known);
  }

  get size(): number {
    return this.#figures.size;
  }

  /** Has figures read that are not known yet. */
  add(figures: readonly Sql[]): void {
    for (const figure of figures) {
      const identity = identityOf(figure);
      if (!this.#values.has(identity)) {
        this.#figures.set(identity, figure);
      }
    }
  }

  /** Reads all figures in one statement. */
  async read(session: EngineSession): Promise<void> {
    if (this.#figures.size === 0) {
      return;
    }
    const identities = [...this.#figures.keys()];
    const values = await readFigures(session, this.#context, [...this.#figures.values()]);
    for (const [index, identity] of identities.entries()) {
      this.#values.set(identity, values[index] ?? null);
    }
  }

  /** Reads all figures of each day in one statement. A day without a row is not among them. */
  async readByDay(session: EngineSession, column: string): Promise<FiguresByDay> {
    const identities = [...this.#figures.keys()];
    const day = this.#context.plainColumn(column);
    const figures = figureColumns([...this.#figures.values()]);
    const rows = await session.rows(
      renderStatement(
        sql`select ${day}::text as day, ${figures}${this.#context.from} group by ${day}`,
      ),
    );
    return new Map(
      rows.map((row) => [
        row['day'] ?? '',
        new Map(identities.map((identity, index) => [identity, row[`c${index}`] ?? null])),
      ]),
    );
  }

  /** What the days say of all rows together: the counts among their figures, added up. */
  addUp(byDay: FiguresByDay): ReadonlyMap<string, string> {
    const days = [...byDay.values()];
    const counts = [...this.#figures].filter(([, figure]) => figure.isCount === true);
    return new Map(
      counts.map(([identity]) => [
        identity,
        String(days.reduce((sum, figures) => sum + BigInt(figures.get(identity) ?? 0), 0n)),
      ]),
    );
  }

  knows(figures: readonly Sql[]): boolean {
    return figures.every((figure) => this.#values.has(identityOf(figure)));
  }

  /** The figures of one check: from the shared pass, or from one of its own where that was refused. */
  async figuresOf(
    session: EngineSession,
    figures: readonly Sql[],
  ): Promise<readonly (string | null)[]> {
    const identities = figures.map(identityOf);
    if (identities.every((identity) => this.#values.has(identity))) {
      return identities.map((identity) => this.#values.get(identity) ?? null);
    }
    return readFigures(session, this.#context, figures);
  }
}

async function readFigures(
  session: EngineSession,
  context: CheckContext,
  figures: readonly Sql[],
): Promise<readonly (string | null)[]> {
  const [statement] = scanStatement(context, figures);
  if (statement === undefined) {
    return [];
  }
  const [row] = await session.rows(renderStatement(statement));
  return figures.map((_, index) => row?.[`c${index}`] ?? null);
}

function identityOf({ parts }: Sql): string {
  // Neighbouring texts may be split at different places.
  const { text, values } = renderStatement({ parts });
  return JSON.stringify([text, values]);
}
