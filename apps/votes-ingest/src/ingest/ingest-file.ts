import { totalsAreBalanced, zeroTotals } from '@sluice/schemas';
import type { ControlTotals, Drift, FileReport } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import { HashedInput } from '../input/byte-source.ts';
import { CorruptInputError, unpack } from '../input/decompress.ts';
import { readLineBlocks } from '../input/line-blocks.ts';
import type { LineBlock, LongLine } from '../input/line-blocks.ts';
import { describeForeignFile } from './describe-foreign-file.ts';
import type { FileLedger, NumberedFile } from './file-ledger.ts';
import { exceedsGate } from './quarantine-gate.ts';
import type { QuarantineGate } from './quarantine-gate.ts';
import { RecordLoader } from './record-loader.ts';
import { SeenIds } from './seen-ids.ts';
import { ConflictRefusal, settleSuspects } from './settle.ts';
import type { ConflictPolicy } from './settle.ts';
import type { Spool } from './spool.ts';
import { VoteBatch } from './vote-batch.ts';

const compressedName = /\.(?:gz|gzip|zst|zstd)$/i;

/** For the bitmap of a file's Ids: 1,024 pages of 2^19, so half a billion dense ones. */
const seenIdsMemoryBytes = 64 * 1024 * 1024;

/** What the files of one run share. */
export interface IngestContext {
  readonly warehouse: DuckDbWarehouse;
  readonly ledger: FileLedger;
  readonly spool: Spool;
  readonly runId: string;
  readonly policy: ConflictPolicy;
  /** Absent: any number of records may be put aside. */
  readonly gate: QuarantineGate | undefined;
  /** See {@link settleSuspects}. */
  readonly suspectsPerPass?: number | undefined;
  readonly signal: AbortSignal;
  /** Called as the file is read, with the stored bytes read of it so far. */
  readonly onBytesRead: (bytesRead: number) => void;
}

/** What became of one file. */
export interface IngestedFile {
  readonly report: FileReport;
  readonly drift: readonly Drift[];
}

/**
 * Loads one file in one transaction of its own: afterwards all of it is in the warehouse, or
 * nothing but its ledger entry and its quarantine.
 *
 * @throws {WarehouseError} where the warehouse itself fails; then nothing of the file is kept.
 */
export async function ingestFile(context: IngestContext, path: string): Promise<IngestedFile> {
  let input: HashedInput | undefined;
  try {
    input = await HashedInput.open(path, context.signal);
    if (!isCutToNothing(path, input) && context.ledger.mayKnow(input.sizeBytes)) {
      await input.drain();
      const sha256 = await input.sha256();
      if (context.ledger.knows(sha256)) {
        return alreadyIngested(context, path, sha256, input.bytesRead);
      }
      await input.close();
      input = await HashedInput.open(path, context.signal);
    }
    return await loadFile(context, path, input);
  } catch (cause) {
    if (!isReadFailure(cause)) {
      throw cause;
    }
    const file = { fileId: context.ledger.nextFileId(), path, sha256: null, bytes: 0 };
    return await refuseFile(context, file, { error: `it can not be read: ${cause.message}` });
  } finally {
    await input?.close();
  }
}

async function loadFile(
  context: IngestContext,
  path: string,
  input: HashedInput,
): Promise<IngestedFile> {
  const { warehouse, ledger, spool } = context;
  const fileId = ledger.nextFileId();
  const seenIds = new SeenIds(ledger.maxId, seenIdsMemoryBytes);
  await spool.begin();
  await warehouse.run('begin transaction');
  let votes: VoteBatch | undefined;
  try {
    votes = await VoteBatch.create(warehouse.connection, {
      schema: 'blog_analysis',
      table: 'votes',
    });
    const loader = new RecordLoader({ fileId, votes, spool, seenIds });
    const damage = await readRecords(context, loader, path, input);
    const sha256 = input.isAtEnd ? await input.sha256() : null;
    const file = { fileId, path, sha256, bytes: input.bytesRead };
    if (damage === undefined && sha256 !== null && ledger.knows(sha256)) {
      votes.abandon();
      await warehouse.rollback();
      return alreadyIngested(context, path, sha256, file.bytes);
    }
    spool.finish();
    const error = damage ?? gateRefusal(context.gate, loader, spool);
    if (error !== undefined) {
      votes.abandon();
      await warehouse.rollback();
      return await refuseFile(context, file, { error, loader });
    }
    votes.close();
    return await commitFile(context, file, loader, seenIds);
  } catch (cause) {
    votes?.abandon();
    await warehouse.rollback();
    throw cause;
  }
}

/** Reads the whole input; gives the reason where the file is to be refused for what it is. */
async function readRecords(
  context: IngestContext,
  loader: RecordLoader,
  path: string,
  input: HashedInput,
): Promise<string | undefined> {
  if (isCutToNothing(path, input)) {
    await input.drain();
    return 'it is cut: its name says that it is compressed, and it has no bytes';
  }
  const damage = await readUnpacked(context, loader, input);
  if (damage !== undefined && input.sizeBytes !== undefined) {
    // Its hash is what the file is known by, also where it is refused before its end.
    await input.drain();
  }
  return damage;
}

async function readUnpacked(
  context: IngestContext,
  loader: RecordLoader,
  input: HashedInput,
): Promise<string | undefined> {
  const unpacked = await unpack(input);
  try {
    for await (const block of readLineBlocks(unpacked)) {
      if (!takeBlock(context, loader, input, block)) {
        break;
      }
    }
  } catch (cause) {
    if (cause instanceof CorruptInputError) {
      return cause.message;
    }
    throw cause;
  } finally {
    await unpacked.close();
  }
  return loader.read > 0 && loader.objects === 0
    ? describeForeignFile(loader.read, loader.firstBytes)
    : undefined;
}

/** Loads a block; gives whether the next one is wanted, and where not, lets go of who sends it. */
function takeBlock(
  context: IngestContext,
  loader: RecordLoader,
  input: HashedInput,
  block: LineBlock | LongLine,
): boolean {
  try {
    context.signal.throwIfAborted();
    if (block.kind === 'long-line') {
      loader.loadLongLine(block);
    } else {
      loader.load(block);
    }
    context.onBytesRead(input.bytesRead);
  } catch (cause) {
    input.stopWaiting();
    throw cause;
  }
  if (loader.isForeign) {
    input.stopWaiting();
  }
  return !loader.isForeign;
}

function gateRefusal(
  gate: QuarantineGate | undefined,
  { read }: RecordLoader,
  { quarantined }: Spool,
): string | undefined {
  return gate !== undefined && exceedsGate(gate, { quarantined, read })
    ? `${quarantined} of ${read} records break the contract, over --max-quarantined ${gate.text}`
    : undefined;
}

async function commitFile(
  context: IngestContext,
  file: NumberedFile,
  loader: RecordLoader,
  seenIds: SeenIds,
): Promise<IngestedFile> {
  const { warehouse, ledger, spool } = context;
  const drift = loader.drift();
  let totals: ControlTotals;
  try {
    await warehouse.run(
      `insert into ops.accepted_lines
       select $1::integer, sequence, first_line, line_count from spool.accepted_lines`,
      [file.fileId],
    );
    const settlement = await warehouse.interruptible(context.signal, () =>
      settleSuspects(warehouse, {
        ...context,
        fileId: file.fileId,
        suspects: spool.suspects,
        suspectsPerPass: context.suspectsPerPass,
      }),
    );
    totals = {
      read: loader.read,
      accepted: loader.written + settlement.accepted,
      duplicate: settlement.duplicate,
      conflicting: settlement.conflicting,
      quarantined: spool.quarantined,
      refused: 0,
    };
    if (!totalsAreBalanced(totals)) {
      throw new RangeError(`${file.path}: control totals do not add up: ${JSON.stringify(totals)}`);
    }
    const { format } = loader;
    await ledger.record(file, { ...totals, outcome: 'ingested', format, drift });
    await warehouse.run('commit');
  } catch (cause) {
    await warehouse.rollback();
    if (cause instanceof ConflictRefusal) {
      return await refuseFile(context, file, { error: cause.message, loader });
    }
    throw cause;
  }
  ledger.noteCommitted(file, seenIds.max);
  const { path, sha256, bytes } = file;
  return { report: { path, sha256, bytes, outcome: 'ingested', ...totals }, drift };
}

/** Writes the ledger entry and the quarantine of a file of which nothing else is kept. */
async function refuseFile(
  { warehouse, ledger, spool }: IngestContext,
  file: NumberedFile,
  { error, loader }: { readonly error: string; readonly loader?: RecordLoader },
): Promise<IngestedFile> {
  const read = loader?.read ?? 0;
  const quarantined = loader === undefined ? 0 : spool.quarantined;
  const totals = { ...zeroTotals, read, quarantined, refused: read - quarantined };
  const drift = loader?.drift() ?? [];
  await warehouse.transaction(async () => {
    const format = loader?.format;
    await ledger.record(file, { ...totals, outcome: 'refused', format, error, drift });
  });
  const { path, sha256, bytes } = file;
  return { report: { path, sha256, bytes, outcome: 'refused', ...totals, error }, drift };
}

function alreadyIngested(
  { ledger }: IngestContext,
  path: string,
  sha256: string,
  bytes: number,
): IngestedFile {
  return { report: ledger.noteAlreadyIngested(path, sha256, bytes), drift: [] };
}

/** No bytes are no records, but no gzip or zstd either: there the name tells what is missing. */
function isCutToNothing(path: string, { sizeBytes }: HashedInput): boolean {
  return sizeBytes === 0 && compressedName.test(path);
}

/** Whether the operating system could not open or read the input: the file's fault, not ours. */
function isReadFailure(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause && 'errno' in cause;
}
