import { rm } from 'node:fs/promises';

import { openPostgres } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import { emptyFolder } from '../empty-folder.ts';
import type { JaoContext } from './jao-case.ts';
import { createTables } from './scraper.ts';

/** Opens the embedded Postgres under `folder`, as the owner, for as long as a query may take. */
export async function openHome(folder: string, signal: AbortSignal): Promise<PostgresDatabase> {
  return openPostgres({
    home: folder,
    role: 'owner',
    applicationName: 'sluice-bench',
    poolSize: 2,
    statementTimeoutMs: 0,
    signal,
  });
}

/**
 * Makes a database under `folder` with the scraper's tables and what `fill` puts into it, which takes over
 * to close it; where that fails, it is closed.
 */
export async function makeHome<Store>(
  context: JaoContext,
  folder: string,
  fill: (db: PostgresDatabase) => Promise<Store>,
): Promise<Store> {
  await emptyFolder(folder);
  const db = await openHome(folder, context.signal);
  try {
    await createTables(context, folder);
    return await fill(db);
  } catch (cause) {
    await db.close();
    throw cause;
  }
}

/** Puts a run on the ledger that attempts can be of. */
export async function addRun(db: PostgresDatabase): Promise<void> {
  await db.run(
    `insert into ops.run (run_id, app, command, app_version, contract_version, host, process_id, process_mark)
     values (gen_random_uuid(), 'bench', 'bench', '1', '1', 'bench', 1, '1')`,
  );
}

/**
 * A folder with an embedded Postgres that runs as long as it is held here, so that no measured process
 * starts or stops it.
 */
export class HeldHome {
  readonly folder: string;
  readonly #signal: AbortSignal;
  #db: PostgresDatabase | undefined;

  constructor(folder: string, signal: AbortSignal) {
    this.folder = folder;
    this.#signal = signal;
  }

  /** @throws {TypeError} before {@link HeldHome.renew}. */
  get db(): PostgresDatabase {
    if (this.#db === undefined) throw new TypeError('the home must be renewed before it is used');
    return this.#db;
  }

  /** Begins anew with a server that has nothing, and that `fill` then fills. */
  async renew(fill: () => Promise<void>): Promise<void> {
    await this.close();
    await emptyFolder(this.folder);
    this.#db = await openHome(this.folder, this.#signal);
    await fill();
  }

  /** Stops the server, and removes what it had. */
  async close(): Promise<void> {
    await this.#db?.close();
    this.#db = undefined;
    await rm(this.folder, { recursive: true, force: true });
  }
}
