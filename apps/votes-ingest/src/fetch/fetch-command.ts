import { CommandError, printJson, printTable, startProgress } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { FetchError } from './fetch-error.ts';
import { fetchFile } from './fetch-file.ts';
import type { FetchResult } from './fetch-options.ts';

/** The options of `fetch`. */
export interface FetchCommandOptions {
  readonly args: readonly string[];
  readonly to: string;
  readonly sha256?: string;
  readonly maxBytes?: number;
  readonly maxUnpackedBytes?: number;
  readonly allowOrigin?: readonly string[];
  readonly unpack: boolean;
  readonly overwrite?: boolean;
  readonly format: Format;
}

/** `votes-ingest fetch`: see {@link fetchFile}. */
export async function fetchCommand(
  context: CommandContext,
  options: FetchCommandOptions,
): Promise<ExitCode> {
  const result = await fetchWithProgress(context, options);
  if (options.format === 'json') {
    printJson(context, result);
  } else {
    printTable(
      context,
      ['file', 'bytes'],
      result.files.map((file) => [file.path, file.bytes]),
    );
    context.messages.write(`votes-ingest: sha256 of the download: ${result.sha256}\n`);
  }
  return exitCodes.done;
}

async function fetchWithProgress(
  context: CommandContext,
  options: FetchCommandOptions,
): Promise<FetchResult> {
  const url = parseUrl(options.args[0] ?? '');
  const progress = await startProgress(context.messages);
  progress.start(url.pathname, 0);
  try {
    return await fetchFile({
      url,
      targetFolder: options.to,
      overwrite: options.overwrite ?? false,
      unpack: options.unpack,
      sha256: options.sha256,
      maxBytes: options.maxBytes,
      maxUnpackedBytes: options.maxUnpackedBytes,
      allowedOrigins: options.allowOrigin,
      signal: context.signal,
      onProgress: ({ phase, receivedBytes, totalBytes, unpackedBytes }) => {
        progress.update(phase === 'download' ? receivedBytes : unpackedBytes, totalBytes);
      },
    });
  } catch (error) {
    if (error instanceof FetchError) {
      const exitCode = error.code === 'USAGE' ? exitCodes.usage : exitCodes.failed;
      throw new CommandError(error.message, { exitCode, cause: error });
    }
    throw error;
  } finally {
    progress.stop();
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) {
    throw new CommandError(
      'fetch: the argument is no URL; give one such as https://example.org/votes.jsonl.gz',
      { exitCode: exitCodes.usage },
    );
  }
  return url;
}
