import type { IngestReport, WarehouseStatus } from '@sluice/schemas';
import { warehouseStatusSchema } from '@sluice/schemas';
import type { ExpectationSuite } from '@sluice/schemas/expectations';
import { DuckDbWarehouse, statusFilePath } from '@sluice/warehouse';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { ingest } from '../src/ingest/ingest.ts';
import type { ConflictPolicy } from '../src/ingest/settle.ts';

/** A line of a file of votes; `content` tells records of one Id apart. */
export function voteLine(id: number, content = 1): string {
  const CreationDate = '2022-05-04T00:00:00.000';
  return JSON.stringify({ Id: id, PostId: content, VoteTypeId: 2, CreationDate });
}

/** The lines of votes with the Ids from one to the other, both included. */
export function voteLines(firstId: number, lastId: number, content = 1): string[] {
  return Array.from({ length: lastId - firstId + 1 }, (_, index) =>
    voteLine(firstId + index, content),
  );
}

/** A folder with a warehouse and files for it. */
export class LoadedWarehouse {
  readonly folder: string;
  readonly path: string;

  constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'warehouse.db');
  }

  /** The same warehouse with its status file in another folder; what it ingested stays here. */
  async copyTo(folder: string): Promise<LoadedWarehouse> {
    const copy = new LoadedWarehouse(folder);
    await copyFile(this.path, copy.path);
    await copyFile(statusFilePath(this.path), statusFilePath(copy.path));
    return copy;
  }

  /** Writes a file of these lines beside the warehouse; gives its path. */
  async write(name: string, lines: readonly string[]): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  }

  async ingest(
    inputs: readonly string[],
    policy: ConflictPolicy = 'last',
    checks?: ExpectationSuite,
  ): Promise<IngestReport> {
    const { report } = await ingest({
      inputs,
      warehouse: { path: this.path, lockTimeoutMs: 0 },
      policy,
      checks,
      gate: undefined,
      signal: new AbortController().signal,
      now: () => new Date(),
    });
    return report;
  }

  /** Writes and ingests a file. */
  async load(
    name: string,
    lines: readonly string[],
    policy: ConflictPolicy = 'last',
  ): Promise<string> {
    const path = await this.write(name, lines);
    await this.ingest([path], policy);
    return path;
  }

  /** Changes the warehouse behind the back of the app. */
  async run(...statements: readonly string[]): Promise<void> {
    await this.use('write', async (warehouse) => {
      for (const statement of statements) {
        await warehouse.run(statement);
      }
    });
  }

  /** The rows of a query, as JavaScript has them. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return this.use('read', (warehouse) => warehouse.rows(z.record(z.string(), z.unknown()), sql));
  }

  async status(): Promise<WarehouseStatus> {
    return warehouseStatusSchema.parse(
      JSON.parse(await readFile(statusFilePath(this.path), 'utf8')),
    );
  }

  /** Id and content of all votes, by Id. */
  async votes(): Promise<unknown[]> {
    const rows = await this.rows(
      'select Id as id, PostId as content from blog_analysis.votes order by Id',
    );
    return rows.map(({ id, content }) => [id, content]);
  }

  async use<Result>(
    access: 'read' | 'write',
    work: (warehouse: DuckDbWarehouse) => Promise<Result>,
  ): Promise<Result> {
    const warehouse = await DuckDbWarehouse.open({ path: this.path, access, lockTimeoutMs: 0 });
    try {
      return await work(warehouse);
    } finally {
      warehouse.close();
    }
  }
}
