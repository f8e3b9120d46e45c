import { ingestReportSchema, totalsAreBalanced, warehouseStatusSchema } from '@sluice/schemas';
import type { FileReport, WarehouseStatus } from '@sluice/schemas';
import { DuckDbWarehouse } from '@sluice/warehouse';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';

import { ingest } from '../../src/ingest/ingest.ts';
import type { IngestOptions, IngestResult } from '../../src/ingest/ingest.ts';
import { parseQuarantineGate } from '../../src/ingest/quarantine-gate.ts';

/** What a test may choose of a run. */
export type RunChoices = Partial<
  Pick<IngestOptions, 'policy' | 'signal' | 'suspectsPerPass' | 'checks' | 'arrivals'>
> & {
  /** As `--max-quarantined` takes it. */
  readonly maxQuarantined?: string;
};

const voteSchema = z.object({
  Id: z.string(),
  PostId: z.string(),
  VoteTypeId: z.int(),
  UserId: z.string().nullable(),
  CreationDate: z.string(),
  BountyAmount: z.int().nullable(),
});
/** DuckDB's client drops a byte order mark from the front of a text, so texts that must be exact come as bytes. */
function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

const quarantineSchema = z.object({
  path: z.string(),
  line: z.int(),
  reason: z.string(),
  message: z.string(),
  raw: z.instanceof(Uint8Array).transform(toText).nullable(),
  rawBase64: z.string().nullable(),
  rawBytes: z.int(),
  rawSha256: z.string().nullable(),
  state: z.string(),
});

/** A row of the table; 64-bit integers and the time stamp as text, so that nothing is rounded. */
export type StoredVote = z.infer<typeof voteSchema>;

/** An entry of the quarantine, open or not, with the path of its file. */
export type StoredReject = z.infer<typeof quarantineSchema>;

/**
 * A warehouse in a folder of its own, which checks after each run what must hold whatever the input:
 * control totals, the report's schema, and the status file that says the same as the report.
 */
export class CheckedWarehouse {
  readonly folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'warehouse.db');
  }

  static async create(): Promise<CheckedWarehouse> {
    return new CheckedWarehouse(await mkdtemp(join(tmpdir(), 'votes-ingest-')));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Writes a file into the folder; gives its path. */
  async place(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  async ingest(inputs: readonly string[], choices: RunChoices = {}): Promise<IngestResult> {
    const { maxQuarantined, ...options } = choices;
    const result = await ingest({
      inputs,
      warehouse: { path: this.path, lockTimeoutMs: 0 },
      policy: 'last',
      gate: maxQuarantined === undefined ? undefined : parseQuarantineGate(maxQuarantined),
      signal: new AbortController().signal,
      now: () => new Date(),
      ...options,
    });
    await this.#check(result);
    return result;
  }

  /** Places and ingests one file; gives what the report says of it. */
  async ingestBytes(
    content: string | Uint8Array,
    { name = 'votes.jsonl', ...choices }: RunChoices & { readonly name?: string } = {},
  ): Promise<FileReport> {
    const path = await this.place(name, content);
    const { report } = await this.ingest([path], choices);
    const [file, ...others] = report.files;
    if (file === undefined || others.length > 0) {
      throw new RangeError(`one file was expected of ${path}`);
    }
    return file;
  }

  /** The table, by Id. */
  async votes(): Promise<StoredVote[]> {
    return this.rows(
      voteSchema,
      `select Id::varchar as Id, PostId::varchar as PostId, VoteTypeId, UserId::varchar as UserId,
              CreationDate::varchar as CreationDate, BountyAmount
         from blog_analysis.votes order by votes.Id`,
    );
  }

  async voteIds(): Promise<string[]> {
    return (await this.votes()).map((vote) => vote.Id);
  }

  /** The quarantine, in the order of its entries. */
  async quarantine(): Promise<StoredReject[]> {
    return this.rows(
      quarantineSchema,
      `select path, line, reason, message, encode(raw) as raw, raw_base64 as rawBase64,
              raw_bytes as rawBytes, raw_sha256 as rawSha256, state
         from ops.quarantine join ops.file using (file_id) order by id`,
    );
  }

  async status(): Promise<WarehouseStatus> {
    return warehouseStatusSchema.parse(
      JSON.parse(await readFile(`${this.path}.status.json`, 'utf8')),
    );
  }

  async rows<Row>(schema: z.ZodType<Row>, sql: string): Promise<Row[]> {
    const warehouse = await DuckDbWarehouse.open({
      path: this.path,
      access: 'read',
      lockTimeoutMs: 0,
    });
    try {
      return await warehouse.rows(schema, sql);
    } finally {
      warehouse.close();
    }
  }

  async #check({ report, exitCode }: IngestResult): Promise<void> {
    expect(ingestReportSchema.parse(report), 'the report and its schema').toEqual(report);
    expect(report.outcome === 'succeeded', 'succeeded is exit 0').toBe(exitCode === 0);
    for (const totals of [...report.files, report.totals]) {
      expect(totalsAreBalanced(totals), `balanced: ${JSON.stringify(totals)}`).toBe(true);
    }
    const status = await this.status();
    expect(status.checks.filter((check) => check.outcome === 'failed')).toEqual([]);
    expect(totalsAreBalanced(status.totals)).toBe(true);
    const [newest] = status.runs;
    expect(newest).toMatchObject({
      runId: report.runId,
      outcome: report.outcome,
      totals: report.totals,
    });
    expect(newest?.files).toEqual(report.files.slice(0, 100));
  }
}
