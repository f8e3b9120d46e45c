import {
  CommandError,
  parseEntryIds,
  printable,
  printEntryFacts,
  printJson,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, keptBytesOfLongLine } from '@sluice/schemas';
import type { ExitCode, QuarantineDetail, QuarantineHistory } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { readEntries } from './read-entries.ts';
import type { EntryRow } from './read-entries.ts';
import { toEntry } from './to-entry.ts';

/** Who puts a record aside. */
const ingest = 'votes-ingest';

/** The options of `quarantine show`. */
export interface ShowCommandOptions {
  readonly args: readonly string[];
  readonly raw?: boolean;
  readonly format: Format;
}

/**
 * `votes-ingest quarantine show`: all that is known of one entry, or its raw bytes alone, exactly as
 * they were read.
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
  const { row, file } = await readWarehouse(context, (warehouse) => readOne(warehouse, id));
  if (raw) {
    context.output.write(rawBytesOf(row));
    sayWhatIsCut(context, row);
  } else if (format === 'json') {
    const detail: QuarantineDetail = { ...toEntry(row), ...file, history: historyOf(row) };
    printJson(context, detail);
  } else {
    printEntry(context, row, file);
  }
  return exitCodes.done;
}

interface FileFacts {
  readonly fileSha256: string | null;
  readonly fileOutcome: string;
}

async function readOne(
  warehouse: DuckDbWarehouse,
  id: number,
): Promise<{ readonly row: EntryRow; readonly file: FileFacts }> {
  const states = ['open', 'released', 'discarded', 'replayed'] as const;
  for await (const [row] of readEntries(warehouse, { ids: [id], states })) {
    if (row !== undefined) {
      const file = await warehouse.row(
        z.object({ fileSha256: z.string().nullable(), fileOutcome: z.string() }),
        `select sha256 as fileSha256, outcome as fileOutcome from ops.file
          where file_id = (select file_id from ops.quarantine where id = $1::bigint)`,
        [BigInt(id)],
      );
      return { row, file };
    }
  }
  throw new CommandError(
    `there is no entry ${id} in the quarantine of ${warehouse.path}; ` +
      'votes-ingest quarantine --state all lists them',
    { exitCode: exitCodes.usage },
  );
}

function historyOf(row: EntryRow): QuarantineHistory {
  const { createdAt: at, reason, message, runId, decision } = row;
  return [
    { state: 'open', at, by: ingest, reason: `${reason}: ${message}`, runId },
    ...(decision === undefined ? [] : [decision]),
  ];
}

function rawBytesOf({ raw, rawBase64 }: EntryRow): Buffer {
  return raw === null ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw, 'utf8');
}

function printEntry(context: CommandContext, row: EntryRow, file: FileFacts): void {
  const { id, state, reason, checkId, message, line, rawBytes, contractVersion, runId } = row;
  const facts: readonly (readonly [string, string])[] = [
    ['entry', `${id}, ${state}`],
    ['why', `${reason}: ${message}`],
    ...(checkId === null ? [] : ([['check', checkId]] as const)),
    ['file', `${row.file} (${file.fileOutcome})`],
    ['sha256', file.fileSha256 ?? 'not known: the file could not be read to its end'],
    ['line', String(line)],
    ['length', `${rawBytes} bytes`],
    ['contract', `version ${contractVersion}`],
    ['run', runId],
  ];
  printEntryFacts(context, facts, historyOf(row));
  const { text, what } = visibleText(rawBytesOf(row));
  context.output.write(`\n${what}:\n${text}\n`);
  sayWhatIsCut(context, row);
}

/** The bytes for a person's eyes: what a terminal would act on, and what is no text, as escapes. */
function visibleText(bytes: Buffer): { readonly text: string; readonly what: string } {
  if (isUtf8(bytes)) {
    return { text: printable(bytes.toString('utf8')), what: 'raw text' };
  }
  const text = bytes.toString('latin1').replaceAll(/[^\u0020-\u007e]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return { text, what: 'raw bytes, which are no UTF-8' };
}

function sayWhatIsCut(context: CommandContext, row: EntryRow): void {
  if (row.rawSha256 !== null) {
    say(
      context,
      `this is the beginning of the line, ${keptBytesOfLongLine} bytes at most; all of it has ` +
        `${row.rawBytes} bytes with SHA-256 ${row.rawSha256}, and is line ${row.line} of ${row.file}`,
    );
  }
}
