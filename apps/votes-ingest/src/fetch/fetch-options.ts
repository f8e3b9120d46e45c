/** Limits of waiting, each from 1 ms to 2^31 - 1 ms (24.8 days). */
export interface FetchTimeouts {
  /** For the name look-up, the connection and the TLS handshake, each. @default 10 s */
  readonly connectMs: number;
  /** From the request sent to the response's headers. @default 30 s */
  readonly headersMs: number;
  /** Between two pieces of the body. @default 30 s */
  readonly idleMs: number;
  /** For the download with all its retries and pauses, unpacking not included. @default 24 h */
  readonly wholeMs: number;
}

export interface FetchProgress {
  readonly phase: 'download' | 'unpack';
  /** Bytes of the file that are on disk, those of an earlier call included. */
  readonly receivedBytes: number;
  /** Size of the file, where the server told it. */
  readonly totalBytes?: number;
  /** Bytes that came out of the archive so far; 0 in phase `download`. */
  readonly unpackedBytes: number;
}

export interface FetchOptions {
  /** Where the file is: http or https, without user and password. */
  readonly url: URL;
  /** Folder that the file or the archive's content goes into; made if it is not there. */
  readonly targetFolder: string;
  /** Whether files that are there already may be replaced. */
  readonly overwrite: boolean;
  /** Whether a `.tar`, `.tar.gz` or `.tgz` is unpacked (and not kept). Other files stay as they are. */
  readonly unpack: boolean;
  /** SHA-256 that the downloaded bytes must have, 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
  /** Most bytes to download; more is `TOO_LARGE`. @default 20 GiB */
  readonly maxBytes?: number | undefined;
  /** Most bytes that an archive may hold, decompressed, its headers included. @default 100 GiB */
  readonly maxUnpackedBytes?: number | undefined;
  /** Most files and folders that an archive may hold. @default 10,000 */
  readonly maxEntries?: number | undefined;
  /** Origins, besides the URL's own, that the server may redirect to. @default none */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly timeouts?: Partial<FetchTimeouts> | undefined;
  /** How often to try again after network errors and HTTP 408, 429 and 5xx. @default 5 */
  readonly retries?: number | undefined;
  /** Stops the call with `ABORTED`; what has arrived is kept for the next call. */
  readonly signal?: AbortSignal | undefined;
  /** Called for every piece that arrives or is unpacked: it must be quick. */
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** Pauses between tries; rejects when the signal is aborted. @default a timer */
  readonly delay?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** The clock that a date in `Retry-After` is compared with. @default the system's */
  readonly now?: (() => Date) | undefined;
  /** Uniform in [0, 1): the jitter of the pauses. @default Math.random */
  readonly random?: (() => number) | undefined;
}

export interface FetchedFile {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
}

export interface FetchResult {
  /** What is now in the target folder, sorted by path: the file itself, or what the archive held. */
  readonly files: readonly FetchedFile[];
  /** The URL without its query and fragment, safe to store and to print. */
  readonly url: string;
  /** Size of the downloaded file, as it was sent. */
  readonly bytes: number;
  /** SHA-256 of the downloaded file, as it was sent: 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Bytes that were on disk already when the request that completed the file was sent. */
  readonly resumedFromBytes: number;
  /** Whether the download was an archive, and `files` is what it held. */
  readonly unpacked: boolean;
}
