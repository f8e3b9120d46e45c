import { rm } from 'node:fs/promises';

import { openPostgres } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import { emptyFolder } from '../empty-folder.ts';

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
