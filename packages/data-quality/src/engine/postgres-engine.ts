import { PostgresTransaction } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { dialects } from '../sql/dialect.ts';
import type { EngineSession, QualityEngine } from './engine.ts';

const textRowSchema = z.record(z.string(), z.string().nullable());

/**
 * Checks in Postgres. Of a database, all checks of a run see one moment, in a transaction that only
 * reads; of a transaction, they see what it has written, and a check that fails leaves it usable.
 */
export function postgresEngine(
  handle: PostgresDatabase | PostgresTransaction,
  options: {
    /** For each statement; 0 is none. @default as the database was opened */
    readonly statementTimeoutMs?: number;
  } = {},
): QualityEngine {
  const dialect = dialects.postgres;
  if (handle instanceof PostgresTransaction) {
    const session = sessionOf(handle);
    return {
      dialect,
      sharesScan: true,
      read: (work) => work(session),
      write: (work) => work(session),
    };
  }
  return {
    dialect,
    sharesScan: true,
    read: (work) => handle.read((tx) => work(sessionOf(tx)), options),
    write: (work) => handle.transaction((tx) => work(sessionOf(tx)), options),
  };
}

function sessionOf(tx: PostgresTransaction): EngineSession {
  return {
    rows: ({ text, values }) => tx.rows(textRowSchema, text, values),
    async run({ text, values }) {
      await tx.run(text, values);
    },
    async stream({ text, values }, onBatch) {
      for await (const rows of tx.stream(textRowSchema, text, values)) {
        await onBatch(rows);
      }
    },
    async isolated(work) {
      await tx.run('savepoint sluice_check');
      try {
        return await work();
      } catch (cause) {
        await tx.run('rollback to savepoint sluice_check');
        throw cause;
      } finally {
        await tx.run('release savepoint sluice_check');
      }
    },
  };
}
