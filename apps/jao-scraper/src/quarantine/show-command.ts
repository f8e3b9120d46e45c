import {
  CommandError,
  parseEntryIds,
  printable,
  printEntryFacts,
  printJson,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode, QuarantineHistory } from '@sluice/schemas';
import { findPart } from '@sluice/schemas/jao';
import type { QuarantinedCell, QuarantinedCellDetail } from '@sluice/schemas/jao';
import { PostgresError, readPayload, storableRaw } from '@sluice/warehouse/postgres';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { withOpenDatabase } from '../database/open-database.ts';
import { readContext } from './cell-context.ts';
import { readEntry } from './read-entries.ts';

/** Who puts a cell aside. */
const collector = 'jao-scraper';

/** The options of `quarantine show`. */
export interface ShowCommandOptions {
  readonly args: readonly string[];
  readonly raw?: boolean;
  readonly format: Format;
}

/**
 * `jao-scraper quarantine show`: all that is known of one entry, with what stood around it in the
 * answer; or its raw text alone, exactly as it came. Needs a worker's rights, as payloads are not for readers.
 */
export async function showCommand(
  context: CommandContext,
  { args, raw = false, format }: ShowCommandOptions,
): Promise<ExitCode> {
  if (format === 'csv') {
    throw new CommandError('--format csv: quarantine show prints text, or json', {
      exitCode: exitCodes.usage,
    });
  }
  const [id = 0] = parseEntryIds(context, args);
  await withOpenDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    const detail = await db.read((tx) => readDetail(tx, id));
    if (raw) {
      const exact = await db.read((tx) => readExactText(tx, detail));
      context.output.write(exact ?? detail.raw ?? '');
      if (exact === undefined) {
        say(context, 'its payload does not have it, so that this is the text that was kept of it');
        sayWhatIsCut(context, detail);
      }
    } else if (format === 'json') {
      printJson(context, detail);
    } else {
      printDetail(context, detail);
    }
  });
  return exitCodes.done;
}

const attemptRow = z.object({
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  outcome: z.string(),
  httpStatus: z.int().nullable(),
  payloadHash: z.instanceof(Buffer).nullable(),
});

async function readDetail(tx: PostgresTransaction, id: number): Promise<QuarantinedCellDetail> {
  const entry = await readEntry(tx, id);
  if (entry === undefined) {
    throw new CommandError(
      `there is no entry ${id} in quarantine; jao-scraper quarantine --state all lists them`,
      { exitCode: exitCodes.usage },
    );
  }
  const attempt = await tx.row(
    attemptRow,
    `select started_at as "startedAt", ended_at as "endedAt", outcome, http_status as "httpStatus",
            payload_hash as "payloadHash"
       from ops.attempt where attempt_id = $1`,
    [entry.attemptId],
  );
  const { payloadHash } = attempt;
  const pointer = await readPayloadPointer(tx, entry);
  return {
    ...entry,
    attempt: {
      startedAt: attempt.startedAt.toISOString(),
      endedAt: attempt.endedAt?.toISOString() ?? null,
      outcome: attempt.outcome,
      httpStatus: attempt.httpStatus,
      payloadSha256: payloadHash?.toString('hex') ?? null,
    },
    context: payloadHash === null ? null : readContext(await readWhole(tx, payloadHash), pointer),
    stored: await readStored(tx, entry),
    history: historyOf(entry),
  };
}

/** Where an entry stands in the payload that is kept of its attempt. */
async function readPayloadPointer(
  tx: PostgresTransaction,
  { id, pointer }: Pick<QuarantinedCell, 'id' | 'pointer'>,
): Promise<string> {
  const place = await tx.row(
    z.object({ payloadPointer: z.string().nullable() }),
    'select payload_pointer as "payloadPointer" from ops.quarantine where quarantine_id = $1',
    [id],
  );
  return place.payloadPointer ?? pointer;
}

/** The text as the payload has it, character by character; undefined where it has it no more. */
async function readExactText(
  tx: PostgresTransaction,
  detail: QuarantinedCellDetail,
): Promise<string | undefined> {
  const { payloadSha256 } = detail.attempt;
  const payload =
    payloadSha256 === null ? undefined : await readWhole(tx, Buffer.from(payloadSha256, 'hex'));
  const texts =
    payload === undefined ? [] : findPart(payload, await readPayloadPointer(tx, detail));
  return texts.find((text) => storableRaw(text) === detail.raw);
}

/** The payload; undefined where it is not there any more, or damaged. */
async function readWhole(tx: PostgresTransaction, hash: Buffer): Promise<Buffer | undefined> {
  try {
    return await readPayload(tx, hash);
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code !== 'INTERNAL') {
      throw cause;
    }
    return undefined;
  }
}

async function readStored(
  tx: PostgresTransaction,
  { dataset, key, deliveryStart }: QuarantinedCell,
): Promise<QuarantinedCellDetail['stored']> {
  const [newest] = await tx.rows(
    z.object({ value: z.number().nullable(), withdrawn: z.boolean(), knownFrom: z.date() }),
    `select o.value, o.withdrawn, o.known_from as "knownFrom"
       from jao.observation o join jao.series s using (series_id)
      where s.region || '/' || s.dataset = $1 and s.key = $2 and o.delivery_start = $3
      order by o.known_from desc limit 1`,
    [dataset, key, deliveryStart],
  );
  return newest === undefined ? null : { ...newest, knownFrom: newest.knownFrom.toISOString() };
}

function historyOf({
  createdAt: at,
  reason,
  message,
  runId,
  decision,
}: QuarantinedCell): QuarantineHistory {
  return [
    { state: 'open', at, by: collector, reason: `${reason}: ${message}`, runId },
    ...(decision === undefined ? [] : [decision]),
  ];
}

function printDetail(context: CommandContext, detail: QuarantinedCellDetail): void {
  const { attempt, context: around, stored } = detail;
  const facts: readonly (readonly [string, string])[] = [
    ['entry', `${detail.id}, ${detail.state}`],
    ['why', `${detail.reason}: ${detail.message}`],
    ...(detail.checkId === undefined ? [] : ([['check', detail.checkId]] as const)),
    ['cell', describeCell(detail)],
    ['url', detail.url],
    ['pointer', detail.pointer],
    ['length', `${detail.rawLength} characters`],
    ['attempt', `${detail.attemptId}, ${attempt.outcome}, ${attempt.startedAt}`],
    ['payload', attempt.payloadSha256 ?? 'none is kept'],
    ['contract', `version ${detail.contractVersion}`],
    ['run', detail.runId],
    ['stored', stored === null ? 'nothing' : describeStored(stored)],
    ...(around === null
      ? []
      : ([
          ['before', around.before ?? 'none'],
          ['after', around.after ?? 'none'],
          ['row', around.row],
        ] as const)),
  ];
  printEntryFacts(context, facts, detail.history);
  context.output.write(`\nraw text:\n${printable(detail.raw ?? '')}\n`);
  sayWhatIsCut(context, detail);
}

function describeCell({ dataset, businessDay, key, deliveryStart }: QuarantinedCell): string {
  return [dataset, businessDay, key ?? 'the whole row', deliveryStart ?? 'no time that can be read']
    .filter((part) => part !== null)
    .join(', ');
}

function describeStored({
  value,
  withdrawn,
  knownFrom,
}: NonNullable<QuarantinedCellDetail['stored']>): string {
  const what = withdrawn ? 'withdrawn' : value === null ? 'null' : String(value);
  return `${what}, known from ${knownFrom}`;
}

function sayWhatIsCut(context: CommandContext, { raw, rawLength, attempt }: QuarantinedCellDetail) {
  if (raw !== null && raw.length < rawLength) {
    say(
      context,
      `these are the first ${raw.length} of ${rawLength} characters; ` +
        `the payload ${attempt.payloadSha256 ?? ''} has all of them, and --raw prints them`,
    );
  }
}
