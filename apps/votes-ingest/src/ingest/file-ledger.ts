import { zeroTotals } from '@sluice/schemas';
import type { ControlTotals, Drift, FileReport } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { RecordFormat } from './read-record.ts';
import { contractVersion } from './record-loader.ts';
import type { ConflictPolicy } from './settle.ts';

/** A file with its number in the ledger. */
export interface NumberedFile {
  readonly fileId: number;
  readonly path: string;
  readonly sha256: string | null;
  readonly bytes: number;
}

const bigintSchema = z.union([z.int(), z.bigint()]).transform(BigInt);

/**
 * The ledger's view of files: which are known, by the SHA-256 of their stored bytes, and what
 * became of each. Only ingested files are known; one that was refused is looked at again, and so is
 * one that has lost records to another's unloading.
 */
export class FileLedger {
  readonly #warehouse: DuckDbWarehouse;
  readonly #runId: string;
  readonly #policy: ConflictPolicy;
  readonly #knownHashes: Set<string>;
  readonly #knownSizes: Set<number>;
  #lastFileId: number;
  #maxId: bigint;
  #unwritten: (NumberedFile & { sha256: string })[] = [];

  private constructor(
    warehouse: DuckDbWarehouse,
    run: { readonly runId: string; readonly policy: ConflictPolicy },
    known: readonly { sha256: string; bytes: number }[],
    last: { readonly fileId: number; readonly maxId: bigint },
  ) {
    this.#warehouse = warehouse;
    this.#runId = run.runId;
    this.#policy = run.policy;
    this.#knownHashes = new Set(known.map((file) => file.sha256));
    this.#knownSizes = new Set(known.map((file) => file.bytes));
    this.#lastFileId = last.fileId;
    this.#maxId = last.maxId;
  }

  static async open(
    warehouse: DuckDbWarehouse,
    run: { readonly runId: string; readonly policy: ConflictPolicy },
  ): Promise<FileLedger> {
    const known = await warehouse.rows(
      z.object({ sha256: z.string(), bytes: z.int() }),
      `select sha256, bytes from ops.file
        where outcome = 'ingested' and forgotten_run_id is null and sha256 is not null`,
    );
    const last = await warehouse.row(
      z.object({ file_id: z.int(), max_id: bigintSchema }),
      `select (select coalesce(max(file_id), 0) from ops.file) as file_id,
              (select coalesce(max(Id), 0) from blog_analysis.votes) as max_id`,
    );
    return new FileLedger(warehouse, run, known, { fileId: last.file_id, maxId: last.max_id });
  }

  /** The largest Id in the table. */
  get maxId(): bigint {
    return this.#maxId;
  }

  /** Whether a known file has this size; if not, the file is certainly new. */
  mayKnow(sizeBytes: number | undefined): boolean {
    return sizeBytes !== undefined && this.#knownSizes.has(sizeBytes);
  }

  knows(sha256: string): boolean {
    return this.#knownHashes.has(sha256);
  }

  nextFileId(): number {
    this.#lastFileId += 1;
    return this.#lastFileId;
  }

  /** A known file: nothing to do, and an entry that is written with the others at the run's end. */
  noteAlreadyIngested(path: string, sha256: string, bytes: number): FileReport {
    this.#unwritten.push({ fileId: this.nextFileId(), path, sha256, bytes });
    return { ...zeroTotals, path, sha256, bytes, outcome: 'already_ingested' };
  }

  /** Writes the entries of the files that were known, in one transaction. */
  async writeAlreadyIngested(): Promise<void> {
    if (this.#unwritten.length === 0) {
      return;
    }
    await this.#warehouse.transaction(async () => {
      for (const file of this.#unwritten) {
        await this.#insertFile(file, { ...zeroTotals, outcome: 'already_ingested' });
      }
    });
    this.#unwritten = [];
  }

  /**
   * Writes a file's entry, its quarantine out of the spool, and its drift, into the transaction at
   * hand. The open entries that the same content left when it was refused, or ingested and forgotten,
   * are superseded by these.
   */
  async record(
    file: NumberedFile,
    end: ControlTotals & {
      readonly outcome: 'ingested' | 'refused';
      readonly format: RecordFormat | undefined;
      readonly error?: string | undefined;
      readonly drift: readonly Drift[];
    },
  ): Promise<void> {
    await this.#insertFile(file, end);
    await this.#warehouse.run(
      `update ops.quarantine
          set state = 'discarded', decided_at = now(), decided_by = 'votes-ingest',
              decision_reason = 'superseded: the same content was read again',
              decision_run_id = $1::uuid
        where state = 'open'
          and file_id in (select file_id from ops.file
                           where sha256 = $2 and file_id <> $3::integer
                             and (outcome = 'refused' or forgotten_run_id is not null))`,
      [this.#runId, file.sha256, file.fileId],
    );
    if (end.quarantined > 0) {
      await this.#warehouse.run(
        `insert into ops.quarantine
           (id, run_id, file_id, line, reason, message, raw, raw_base64, raw_bytes, raw_sha256,
            check_id, contract_version, created_at)
         select (select coalesce(max(id), 0) from ops.quarantine) + row_number() over (order by line),
                $1::uuid, $2::integer, line, reason, message, raw, raw_base64, raw_bytes, raw_sha256,
                check_id, $3, now()
           from spool.quarantine order by line`,
        [this.#runId, file.fileId, contractVersion],
      );
    }
    await recordDrift(this.#warehouse, { runId: this.#runId, fileId: file.fileId }, end.drift);
  }

  /** To be called once a file's transaction has committed. */
  noteCommitted(file: NumberedFile, maxId: bigint): void {
    if (file.sha256 !== null) {
      this.#knownHashes.add(file.sha256);
      this.#knownSizes.add(file.bytes);
    }
    this.#maxId = maxId;
  }

  async #insertFile(
    file: NumberedFile,
    end: ControlTotals & {
      readonly outcome: 'ingested' | 'refused' | 'already_ingested';
      readonly format?: RecordFormat | undefined;
      readonly error?: string | undefined;
    },
  ): Promise<void> {
    await this.#warehouse.run(
      `insert into ops.file
         (file_id, run_id, path, sha256, bytes, outcome, on_conflict, recorded_at,
          read, accepted, duplicate, conflicting, quarantined, refused, error, format)
       values ($1::integer, $2::uuid, $3, $4, $5::bigint, $6, $7, now(),
               $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14,
               $15)`,
      [
        file.fileId,
        this.#runId,
        file.path,
        file.sha256,
        BigInt(file.bytes),
        end.outcome,
        this.#policy,
        BigInt(end.read),
        BigInt(end.accepted),
        BigInt(end.duplicate),
        BigInt(end.conflicting),
        BigInt(end.quarantined),
        BigInt(end.refused),
        end.error ?? null,
        end.format ?? null,
      ],
    );
  }
}

/** Writes what a run found in a file that the contract does not know. */
export async function recordDrift(
  warehouse: DuckDbWarehouse,
  { runId, fileId }: { readonly runId: string; readonly fileId: number },
  drift: readonly Drift[],
): Promise<void> {
  for (const { kind, value, count } of drift) {
    await warehouse.run(
      'insert into ops.drift values ($1::uuid, $2::integer, $3, $4, $5::bigint)',
      [runId, fileId, kind, value, BigInt(count)],
    );
  }
}
