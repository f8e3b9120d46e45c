import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { FetchError } from './fetch-error.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { chooseFileName } from './file-name.ts';
import { openResponse, type FileResponse } from './http-request.ts';
import {
  canResume,
  judgeResponse,
  rangeHeaders,
  readValidators,
  type Verdict,
} from './judge-response.ts';
import {
  createPart,
  discardPart,
  hashUrl,
  openPart,
  readPart,
  type PartPaths,
  type StoredPart,
} from './part-file.ts';
import { isRetryableStatus, parseRetryAfter } from './retry.ts';

export interface DownloadJob {
  readonly settings: FetchSettings;
  readonly paths: PartPaths;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Called when the file's name is known and before its body is read; may refuse it by throwing. */
  readonly checkName: (fileName: string) => Promise<void>;
}

/** A part that is the whole file, on disk to stay (fsync). */
export interface Download {
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly resumedFromBytes: number;
}

interface Answer {
  readonly response: FileResponse;
  readonly verdict: Exclude<Verdict, { kind: 'restart' }>;
  /** What the response is the rest of; undefined when the body is the whole file. */
  readonly part: StoredPart | undefined;
}

/**
 * Asks for the file once, going on from the part that is on disk, and completes the part.
 *
 * What has arrived stays in the part when it fails, for the next try, unless it is too large, or the server
 * gave nothing (no ETag, no date) to tell later whether the file is still the same.
 *
 * @throws {FetchError} `HTTP`, `NETWORK`, `TOO_LARGE` or what the signal says.
 */
export async function downloadPart(job: DownloadJob): Promise<Download> {
  const { response, verdict, part } = await askForFile(job);
  try {
    if (verdict.kind === 'fail') {
      throw statusError(response, job);
    }
    const fileName = part?.fileName ?? nameFile(response, job);
    await job.checkName(fileName);
    const totalBytes = verdict.kind === 'complete' ? part?.bytes : verdict.totalBytes;
    if (totalBytes !== undefined) {
      await checkSize(totalBytes, job);
    }
    const hash = part?.hash ?? createHash('sha256');
    const resumedFromBytes = part?.bytes ?? 0;
    const bytes =
      verdict.kind === 'complete'
        ? resumedFromBytes
        : await savePart({ job, response, part, hash, totalBytes, fileName });
    return { fileName, bytes, sha256: hash.digest('hex'), resumedFromBytes };
  } finally {
    response.close();
  }
}

/** The first answer that is of use: one that does not fit the part is asked for again without it. */
async function askForFile(job: DownloadJob): Promise<Answer> {
  const { settings, paths, signal, label } = job;
  const { url, allowedOrigins, timeouts } = settings;
  let part = await readPart(paths, { urlSha256: hashUrl(url), signal });
  for (;;) {
    const headers = rangeHeaders(part);
    const response = await openResponse({ url, headers, allowedOrigins, timeouts, signal, label });
    const verdict = judgeResponse(response, part);
    if (verdict.kind !== 'restart') {
      return { response, verdict, part: verdict.kind === 'start' ? undefined : part };
    }
    response.close();
    await discardPart(paths);
    part = undefined;
  }
}

interface SaveOptions {
  readonly job: DownloadJob;
  readonly response: FileResponse;
  readonly part: StoredPart | undefined;
  readonly hash: Hash;
  readonly totalBytes: number | undefined;
  readonly fileName: string;
}

/** Appends the body to the part, or begins the part with it; returns the part's size. */
async function savePart(options: SaveOptions): Promise<number> {
  const { job, response, part, fileName } = options;
  const { paths, settings } = job;
  const urlSha256 = hashUrl(settings.url);
  const validators = readValidators(response.headers);
  const handle =
    part === undefined
      ? await createPart(paths, { urlSha256, fileName, validators })
      : await openPart(paths);
  try {
    return await appendBody(handle, options);
  } catch (error) {
    if (part === undefined && !canResume(validators)) {
      await discardPart(paths);
    }
    throw error;
  } finally {
    // Also of a part that is not whole: what the next call resumes must be what was received.
    await handle.sync();
    await handle.close();
  }
}

async function appendBody(
  handle: FileHandle,
  { job, response, part, hash, totalBytes }: SaveOptions,
): Promise<number> {
  const total = totalBytes === undefined ? {} : { totalBytes };
  let receivedBytes = part?.bytes ?? 0;
  const report = () => {
    job.settings.onProgress({ phase: 'download', receivedBytes, ...total, unpackedBytes: 0 });
  };
  report();
  for await (const chunk of response.body) {
    await checkSize(receivedBytes + chunk.length, job);
    await handle.appendFile(chunk);
    hash.update(chunk);
    receivedBytes += chunk.length;
    report();
  }
  await checkComplete(receivedBytes, totalBytes, job);
  return receivedBytes;
}

async function checkComplete(
  receivedBytes: number,
  totalBytes: number | undefined,
  { paths, label }: DownloadJob,
): Promise<void> {
  if (totalBytes !== undefined && receivedBytes !== totalBytes) {
    throw new FetchError(
      `${label}: ${receivedBytes} of ${totalBytes} bytes came; run the same command again to go on from there`,
      { code: 'NETWORK', retryable: true },
    );
  }
  if (receivedBytes === 0) {
    await discardPart(paths);
    throw new FetchError(`${label}: the file is empty; check the URL`, { code: 'HTTP' });
  }
}

async function checkSize(bytes: number, { settings, paths, label }: DownloadJob): Promise<void> {
  const { maxBytes } = settings;
  if (bytes > maxBytes) {
    await discardPart(paths);
    throw new FetchError(
      `${label}: the file is larger than ${maxBytes} bytes; raise the limit if that is right`,
      { code: 'TOO_LARGE' },
    );
  }
}

function nameFile({ headers }: FileResponse, { settings }: DownloadJob): string {
  return chooseFileName({
    url: settings.url,
    contentDisposition: headers['content-disposition'],
  });
}

function statusError({ status, headers }: FileResponse, job: DownloadJob): FetchError {
  const retryable = isRetryableStatus(status);
  const advice = retryable ? 'run the same command again later' : 'check the URL';
  return new FetchError(`${job.label}: HTTP ${status}; ${advice}`, {
    code: 'HTTP',
    retryable,
    retryAfterMs: parseRetryAfter(headers['retry-after'], job.settings.now()),
  });
}
