import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { detectArchive, isNamedLikeArchive, type ArchiveKind } from './archive-kind.ts';
import { downloadPart, type Download, type DownloadJob } from './download.ts';
import { classifyError, FetchError, stopError } from './fetch-error.ts';
import { acquireLock } from './fetch-lock.ts';
import type { FetchedFile, FetchOptions, FetchResult } from './fetch-options.ts';
import { resolveFetchOptions, type FetchSettings } from './fetch-settings.ts';
import { chooseFileName } from './file-name.ts';
import { discardPart, partPaths } from './part-file.ts';
import { checkPlace, placeFiles, type Placement } from './place-files.ts';
import { withRetries } from './retry.ts';
import { displayUrl } from './source-url.ts';
import { unpackArchive } from './unpack-archive.ts';

/**
 * Downloads the file at a URL into a folder, or what the archive at the URL holds, and never shows half of
 * anything: what arrives is kept in `<name>.part` beside `<name>.part.json` (what is needed to resume it)
 * and `<name>.part.lock` (which process works on it), and moved when it is whole and checked.
 *
 * A call that fails leaves the part, so that the same call goes on from there. Nothing is left where that
 * is not possible or not wise: the server gave neither an ETag nor a date, or what came is too large, has the
 * wrong checksum or is an unsafe archive. Two calls for one name at once: the second fails with `EXISTS`.
 *
 * @throws {FetchError}
 */
export async function fetchFile(options: FetchOptions): Promise<FetchResult> {
  const settings = resolveFetchOptions(options);
  const label = `fetch ${displayUrl(settings.url)}`;
  try {
    return await fetchLocked(settings, label);
  } catch (error) {
    throw settings.signal?.aborted === true && isAbort(error)
      ? stopError(settings.signal, label)
      : classifyError(error, label);
  }
}

async function fetchLocked(settings: FetchSettings, label: string): Promise<FetchResult> {
  if (settings.signal?.aborted === true) {
    throw stopError(settings.signal, label);
  }
  await mkdir(settings.targetFolder, { recursive: true });
  const paths = partPaths(settings.targetFolder, chooseFileName({ url: settings.url }));
  const lock = await acquireLock(paths.lock, label);
  try {
    const download = await downloadFile({ settings, label, paths });
    return await finishFile(download, { settings, label, paths });
  } catch (error) {
    if (error instanceof FetchError && isHopeless(error)) {
      await discardPart(paths);
    }
    throw error;
  } finally {
    await lock.release();
  }
}

type FetchJob = Pick<DownloadJob, 'settings' | 'label' | 'paths'>;

/** Downloads with retries, all within `timeouts.wholeMs`. */
async function downloadFile(job: FetchJob): Promise<Download> {
  const { settings, label } = job;
  const { timeouts, overwrite, targetFolder, unpack } = settings;
  const whole = new AbortController();
  const timer = setTimeout(() => {
    whole.abort(
      new FetchError(
        `${label}: not done within ${timeouts.wholeMs} ms; run the same command again to go on from what has arrived`,
        { code: 'NETWORK', retryable: true },
      ),
    );
  }, timeouts.wholeMs);
  const signal = AbortSignal.any([whole.signal, ...(settings.signal ? [settings.signal] : [])]);
  const checkName = async (fileName: string) => {
    if (!(unpack && isNamedLikeArchive(fileName))) {
      await checkPlace(join(targetFolder, fileName), { targetFolder, overwrite, label });
    }
  };
  try {
    return await withRetries(() => downloadPart({ ...job, signal, checkName }), {
      ...settings,
      signal,
    });
  } catch (error) {
    throw signal.aborted && isAbort(error) ? stopError(signal, label) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Checks the whole part, and moves it or what it holds into place. */
async function finishFile(download: Download, job: FetchJob): Promise<FetchResult> {
  const { settings, label, paths } = job;
  if (settings.sha256 !== undefined && settings.sha256 !== download.sha256) {
    throw new FetchError(
      `${label}: its SHA-256 is ${download.sha256}, not the expected ${settings.sha256}; ` +
        'check the expected value, or ask whoever runs the server',
      { code: 'CHECKSUM' },
    );
  }
  const kind = settings.unpack ? await findArchive(download, job) : undefined;
  const files =
    kind === undefined
      ? await placeDownload(download, job)
      : await unpackDownload({ download, kind, job });
  await discardPart(paths);
  return {
    files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    url: displayUrl(settings.url),
    bytes: download.bytes,
    sha256: download.sha256,
    resumedFromBytes: download.resumedFromBytes,
    unpacked: kind !== undefined,
  };
}

async function findArchive(
  { fileName }: Download,
  { paths, label }: FetchJob,
): Promise<ArchiveKind | undefined> {
  const kind = await detectArchive(paths.part);
  if (kind === undefined && isNamedLikeArchive(fileName)) {
    throw new FetchError(
      `${label}: what came is no tar archive although it is named like one; open the URL in a browser to see what it is`,
      { code: 'UNSAFE_ARCHIVE' },
    );
  }
  return kind;
}

async function placeDownload(
  { fileName, bytes }: Download,
  { settings, paths, label }: FetchJob,
): Promise<readonly FetchedFile[]> {
  const path = join(settings.targetFolder, fileName);
  await placeFiles([{ from: paths.part, to: path }], { ...settings, label });
  return [{ path, bytes }];
}

async function unpackDownload({
  download,
  kind,
  job: { settings, paths, label },
}: {
  readonly download: Download;
  readonly kind: ArchiveKind;
  readonly job: FetchJob;
}): Promise<readonly FetchedFile[]> {
  const receivedBytes = download.bytes;
  try {
    const files = await unpackArchive({
      archive: paths.part,
      kind,
      folder: paths.unpacked,
      limits: settings,
      label,
      signal: settings.signal,
      onBytes: (unpackedBytes) => {
        const progress = { receivedBytes, totalBytes: receivedBytes, unpackedBytes };
        settings.onProgress({ phase: 'unpack', ...progress });
      },
    });
    const placements = files.map(({ name }): Placement => ({
      from: join(paths.unpacked, name),
      to: join(settings.targetFolder, name),
    }));
    await placeFiles(placements, { ...settings, label });
    return files.map(({ name, sizeBytes }) => ({
      path: join(settings.targetFolder, name),
      bytes: sizeBytes,
    }));
  } finally {
    await rm(paths.unpacked, { recursive: true, force: true });
  }
}

/** Whether what has arrived is of no use to a later call. */
function isHopeless({ code }: FetchError): boolean {
  return code === 'TOO_LARGE' || code === 'CHECKSUM' || code === 'UNSAFE_ARCHIVE';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
