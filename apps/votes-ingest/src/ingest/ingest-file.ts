import { totalsAreBalanced, zeroTotals } from '@sluice/schemas';
import type { ControlTotals, Drift, FileReport } from '@sluice/schemas';
import type { QualityResult } from '@sluice/schemas/expectations';

import type { AheadHash, HashedFile } from '../input/ahead-hash.ts';
import { HashedInput } from '../input/byte-source.ts';
import { isWorthThreads } from '../input/worker-thread.ts';
import { describeResult, recordBatch } from '../quality/check-batch.ts';
import type { BatchVerdict } from '../quality/check-batch.ts';
import { findFailingLines } from '../quality/find-failing-lines.ts';
import { noReadings, resultsOfAll, withRejected } from './earlier-readings.ts';
import type { EarlierReadings } from './earlier-readings.ts';
import type { FileLedger, NumberedFile } from './file-ledger.ts';
import { judgeFile } from './judge-file.ts';
import type { JudgingContext } from './judge-file.ts';
import { exceedsGate } from './quarantine-gate.ts';
import type { QuarantineGate } from './quarantine-gate.ts';
import { isCutToNothing, readRecords } from './read-records.ts';
import type { ReadingContext } from './read-records.ts';
import type { ReadingThread } from './reading-thread.ts';
import { RecordLoader } from './record-loader.ts';
import type { LoadedRecords } from './record-loader.ts';
import { storeInto } from './record-sink.ts';
import { refuseLostRecords, refuseWrongSums } from './refuse-wrong-sums.ts';
import { ConflictRefusal, settleSuspects } from './settle.ts';
import type { ConflictPolicy } from './settle.ts';
import type { Spool } from './spool.ts';
import { VoteAppender } from './vote-appender.ts';

/** Whoever fails a check by its neighbours may do so again without some of them; not for ever. */
const maxRejections = 5;

/** What the files of one run share. */
export interface IngestContext extends ReadingContext, JudgingContext {
  readonly ledger: FileLedger;
  readonly spool: Spool;
  /** Where large files are read. */
  readonly readingThread: ReadingThread;
  /** Of the file that was probably known; absent where none was. */
  readonly aheadHash?: AheadHash | undefined;
  readonly policy: ConflictPolicy;
  /** Absent: any number of records may be put aside. */
  readonly gate: QuarantineGate | undefined;
  /** See {@link settleSuspects}. */
  readonly suspectsPerPass?: number | undefined;
}

/** What became of one file. */
export interface IngestedFile {
  readonly report: FileReport;
  readonly drift: readonly Drift[];
  readonly checks: readonly QualityResult[];
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
    input = await HashedInput.open(path, context);
    if (!isCutToNothing(path, input) && context.ledger.mayKnow(input.sizeBytes)) {
      const ahead = await context.aheadHash?.of(path, context.signal);
      const { sha256, bytes } = ahead ?? (await hashAll(input));
      if (context.ledger.knows(sha256)) {
        return alreadyIngested(context, path, sha256, bytes);
      }
      await input.close();
      input = await HashedInput.open(path, context);
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

async function hashAll(input: HashedInput): Promise<HashedFile> {
  await input.drain();
  return { sha256: await input.sha256(), bytes: input.bytesRead };
}

async function loadFile(
  context: IngestContext,
  path: string,
  first: HashedInput,
): Promise<IngestedFile> {
  const fileId = context.ledger.nextFileId();
  const isReadableAgain = first.sizeBytes !== undefined;
  let loaded = await loadOnce(context, { fileId, path, isReadableAgain }, first, {
    ...noReadings,
    isCareful: !isReadableAgain,
  });
  while ('again' in loaded) {
    const input = await HashedInput.open(path, context);
    try {
      loaded = await loadOnce(context, { fileId, path, isReadableAgain }, input, loaded.again);
    } finally {
      await input.close();
    }
  }
  return loaded;
}

/** A file that is to be read again, since of what was loaded nothing could be kept. */
interface ReadAgain {
  readonly again: EarlierReadings;
}

async function loadOnce(
  context: IngestContext,
  source: { readonly fileId: number; readonly path: string; readonly isReadableAgain: boolean },
  input: HashedInput,
  earlier: EarlierReadings,
): Promise<IngestedFile | ReadAgain> {
  const { warehouse, ledger, spool } = context;
  const { fileId, path } = source;
  await spool.begin();
  await warehouse.run('begin transaction');
  let votes: VoteAppender | undefined;
  try {
    votes = await VoteAppender.create(warehouse.connection, {
      schema: 'blog_analysis',
      table: 'votes',
    });
    const { rejected, format } = earlier;
    const options = { fileId, tableMaxId: ledger.maxId, rejected, format };
    const sink = storeInto(votes, spool);
    const { damage, records, sha256, bytesRead } = isWorthThreads(input.sizeBytes)
      ? await context.readingThread.read(context, path, options, sink)
      : await readRecords(context, new RecordLoader(options, sink), path, input);
    const file = { fileId, path, sha256, bytes: bytesRead };
    if (damage === undefined && sha256 !== null && ledger.knows(sha256)) {
      votes.abandon();
      await warehouse.rollback();
      return alreadyIngested(context, path, sha256, file.bytes);
    }
    spool.finish();
    const error =
      damage ?? changeRefusal(earlier, sha256) ?? gateRefusal(context.gate, records, spool);
    if (error !== undefined) {
      votes.abandon();
      await warehouse.rollback();
      return await refuseFile(context, file, { error, records });
    }
    votes.close();
    return await commitFile(context, { ...source, ...file }, { records, earlier });
  } catch (cause) {
    votes?.abandon();
    await warehouse.rollback();
    throw cause;
  }
}

/** A file that is read again must be the one whose checks it is read again for. */
function changeRefusal({ sha256: before }: EarlierReadings, sha256: string | null) {
  return before === undefined || before === sha256
    ? undefined
    : 'it was changed while it was read; ingest it again when it is whole';
}

function gateRefusal(
  gate: QuarantineGate | undefined,
  { read }: LoadedRecords,
  { quarantined }: Spool,
): string | undefined {
  return gate !== undefined && exceedsGate(gate, { quarantined, read })
    ? `${quarantined} of ${read} records are put aside, over --max-quarantined ${gate.text}`
    : undefined;
}

async function commitFile(
  context: IngestContext,
  file: NumberedFile & { readonly isReadableAgain: boolean },
  reading: {
    readonly records: LoadedRecords;
    readonly earlier: EarlierReadings;
  },
): Promise<IngestedFile | ReadAgain> {
  const { warehouse, ledger } = context;
  const { records, earlier } = reading;
  const { drift } = records;
  let totals: ControlTotals;
  let results: readonly QualityResult[];
  try {
    totals = await settleFile(context, file, records);
    const verdict = await judgeFile(context, file, earlier);
    results = resultsOfAll(earlier, verdict);
    if (verdict.isBroken) {
      await warehouse.rollback();
      const { breaking } = verdict;
      return await loadWithout(context, file, { records, earlier, breaking });
    }
    if (verdict.quarantining.length > 0 && verdict.refusal === undefined) {
      return await holdBack(context, file, { records, earlier, verdict });
    }
    if (verdict.refusal !== undefined) {
      await warehouse.rollback();
      return await refuseFile(context, file, { error: verdict.refusal, records, results });
    }
    const { format } = records;
    await ledger.record(file, { ...totals, outcome: 'ingested', format, drift });
    await recordBatch(warehouse, results);
    await refuseWrongSums(warehouse, file.fileId);
    await warehouse.run('commit');
  } catch (cause) {
    await warehouse.rollback();
    if (cause instanceof ConflictRefusal) {
      return await refuseFile(context, file, { error: cause.message, records });
    }
    throw cause;
  }
  ledger.noteCommitted(file, records.maxId);
  const { path, sha256, bytes } = file;
  const report = { path, sha256, bytes, outcome: 'ingested' as const, ...totals };
  return { report, drift, checks: results };
}

/** Settles what the spool holds, and gives what became of all records. */
async function settleFile(
  context: IngestContext,
  file: NumberedFile,
  records: LoadedRecords,
): Promise<ControlTotals> {
  const { warehouse, spool } = context;
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
  await refuseLostRecords(warehouse, records, spool);
  const totals = {
    read: records.read,
    accepted: records.written + settlement.accepted,
    duplicate: settlement.duplicate,
    conflicting: settlement.conflicting,
    quarantined: spool.quarantined,
    refused: 0,
  };
  if (!totalsAreBalanced(totals)) {
    throw new RangeError(`${file.path}: control totals do not add up: ${JSON.stringify(totals)}`);
  }
  return totals;
}

/**
 * The rows that fail a check leave the file as if they had broken their contract: it is read again without
 * their lines, so that what they have replaced, or hidden, is there.
 */
async function holdBack(
  context: IngestContext,
  file: NumberedFile & { readonly isReadableAgain: boolean },
  reading: {
    readonly records: LoadedRecords;
    readonly earlier: EarlierReadings;
    readonly verdict: BatchVerdict;
  },
): Promise<IngestedFile | ReadAgain> {
  const { warehouse, signal, checks: suite } = context;
  const { records, earlier, verdict } = reading;
  const { quarantining: checks } = verdict;
  const isHopeless = earlier.rejections >= maxRejections;
  if (!file.isReadableAgain || isHopeless) {
    await warehouse.rollback();
    const why = isHopeless
      ? `still after rows were put aside ${maxRejections} times`
      : 'and this input can not be read again to put its rows aside: ingest a file';
    const error = `check ${checks.map(describeResult).join('; ')}; ${why}`;
    const results = resultsOfAll(earlier, verdict);
    return refuseFile(context, file, { error, records, results });
  }
  const { fileId, sha256 } = file;
  const lines = await warehouse.interruptible(signal, () =>
    findFailingLines(warehouse, { fileId, suite, checks }),
  );
  await warehouse.rollback();
  return { again: withRejected(earlier, { sha256, format: records.format, lines, checks }) };
}

/** A check that can not be evaluated costs no file that it was not to refuse, but for one that can be read only once. */
async function loadWithout(
  context: IngestContext,
  file: NumberedFile & { readonly isReadableAgain: boolean },
  {
    records,
    earlier,
    breaking,
  }: {
    readonly records: LoadedRecords;
    readonly earlier: EarlierReadings;
    /** Absent: it is not known yet which one it was. */
    readonly breaking: QualityResult | undefined;
  },
): Promise<IngestedFile | ReadAgain> {
  const again = { ...earlier, isCareful: true, sha256: file.sha256 };
  if (breaking === undefined) {
    return { again };
  }
  if (!file.isReadableAgain) {
    const error =
      `check ${describeResult(breaking)}; this input can not be read again to load it without the ` +
      `check: ingest a file, or switch the check off ("checks": {"${breaking.checkId}": {"off": true}})`;
    return refuseFile(context, file, { error, records, results: [breaking] });
  }
  return {
    again: {
      ...again,
      results: new Map([...earlier.results, [breaking.checkId, breaking]]),
      brokenChecks: [...earlier.brokenChecks, breaking.checkId],
    },
  };
}

/** Writes the ledger entry and the quarantine of a file of which nothing else is kept. */
async function refuseFile(
  { warehouse, ledger, spool }: IngestContext,
  file: NumberedFile,
  {
    error,
    records,
    results = [],
  }: {
    readonly error: string;
    readonly records?: LoadedRecords;
    /** What checks found, where it came to them. */
    readonly results?: readonly QualityResult[];
  },
): Promise<IngestedFile> {
  const read = records?.read ?? 0;
  const quarantined = records === undefined ? 0 : spool.quarantined;
  const totals = { ...zeroTotals, read, quarantined, refused: read - quarantined };
  const drift = records?.drift ?? [];
  await warehouse.transaction(async () => {
    const format = records?.format;
    await ledger.record(file, { ...totals, outcome: 'refused', format, error, drift });
    await recordBatch(warehouse, results);
  });
  const { path, sha256, bytes } = file;
  const report = { path, sha256, bytes, outcome: 'refused' as const, ...totals, error };
  return { report, drift, checks: results };
}

function alreadyIngested(
  { ledger }: IngestContext,
  path: string,
  sha256: string,
  bytes: number,
): IngestedFile {
  return { report: ledger.noteAlreadyIngested(path, sha256, bytes), drift: [], checks: [] };
}

/** Whether the operating system could not open or read the input: the file's fault, not ours. */
function isReadFailure(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause && 'errno' in cause;
}
