import { exitCodes } from '@sluice/schemas';
import { writeFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';

import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../errors.ts';
import { say } from './say.ts';
import { refuseBadTarget, writeAside } from './write-aside.ts';
import type { TargetFile } from './write-aside.ts';
import { writePieces } from './write-pieces.ts';

const standardOutput = '-';

/** Where a document goes, as the command line gives it. */
export interface DocumentTarget {
  /** A file, or `-` for standard output. */
  readonly out: string;
  /** Whether a file that is there is replaced. */
  readonly overwrite: boolean;
  /** What an error begins with: `report`. */
  readonly doing: string;
  /** How the file's name may end, in lower case, such as `.html`. */
  readonly endings: readonly string[];
}

/**
 * The file that a document goes to, before any work is done for it; undefined is standard output.
 *
 * @throws {CommandError} where its name ends in another way, or see {@link refuseBadTarget}.
 */
export function documentFile({
  out,
  overwrite,
  doing,
  endings,
}: DocumentTarget): TargetFile | undefined {
  if (out === standardOutput) {
    return undefined;
  }
  if (!endings.includes(extname(out).toLowerCase())) {
    throw new CommandError(
      `${doing} to ${out}: its name must end in ${endings.join(' or ')}, or be - for standard output`,
      { exitCode: exitCodes.usage },
    );
  }
  const target = { path: resolve(out), overwrite, doing };
  refuseBadTarget(target);
  return target;
}

/** Writes a document to its file, aside first, and says so; or to standard output. */
export async function writeDocument(
  context: Pick<CommandContext<unknown>, 'program' | 'output' | 'messages'>,
  target: TargetFile | undefined,
  text: string,
): Promise<void> {
  if (target === undefined) {
    await writePieces(context.output, oneOf(text));
    return;
  }
  const sizeBytes = await writeAside(target, (path) => writeFile(path, text));
  say(context, `wrote ${sizeBytes} bytes to ${target.path}`);
}

async function* oneOf(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}
