import type { BusinessDay } from './business-day.ts';

/** Every fault, by what it harms. */
export const faultGroups = {
  /** Refusals by status. The 400 is the one for a range that is too long. */
  status: [
    'http_429_seconds',
    'http_429_date',
    'http_429_none',
    'http_429_absurd',
    'http_500',
    'http_502',
    'http_503',
    'http_504',
    'http_400_range',
    'http_403',
    'http_404',
  ],
  /** Nothing, only headers, or one byte at a time; until the client or the simulator gives up. */
  slow: ['hang', 'headers_then_nothing', 'drip'],
  /** The connection ends early; `truncated_clean` is sound HTTP around half a JSON document. */
  connection: [
    'close_before_headers',
    'reset_before_headers',
    'close_before_body',
    'reset_in_body',
    'truncated_content_length',
    'truncated_chunked',
    'truncated_clean',
  ],
  /** The bytes are not what their headers say, or far too many. */
  encoding: [
    'gzip_bomb',
    'huge_body',
    'gzip_truncated',
    'gzip_damaged',
    'double_gzip',
    'wrong_content_encoding',
    'unknown_content_encoding',
    'content_length_too_short',
    'content_length_too_long',
  ],
  /** A success by its status, and no answer by its body. */
  body: [
    'html_page',
    'error_object',
    'no_content',
    'empty_body',
    'empty_array',
    'json_null',
    'empty_object',
    'data_null',
    'data_object',
    'rejected',
    'invalid_utf8',
    'value_nan',
  ],
  /** 302 to somewhere. Requests to another port or to localhost show in `strayConnections`. */
  redirect: [
    'redirect_same_origin',
    'redirect_other_host',
    'redirect_other_port',
    'redirect_downgrade',
    'redirect_link_local',
    'redirect_localhost',
    'redirect_ipv6_loopback',
    'redirect_loop',
  ],
  /** Headers that lie about a sound answer. */
  header: ['unasked_304', 'etag_changed', 'etag_unchanged', 'wrong_date'],
  /** A sound document whose rows are not the truth. */
  content: [
    'drift_new_key',
    'drift_removed_key',
    'drift_renamed_key',
    'drift_proto_key',
    'drift_number_as_string',
    'drift_decimal_comma',
    'drift_null',
    'drift_boolean',
    'drift_object',
    'value_1e400',
    'value_nan_text',
    'value_beyond_2_53',
    'doubled_key_same',
    'doubled_key_different',
    'duplicate_rows_same',
    'duplicate_rows_different',
    'rows_out_of_order',
    'rows_foreign',
    'bad_timestamp',
    'row_is_null',
    'missing_hour',
    'short_page',
    'empty_window',
  ],
} as const;

export type FaultGroup = keyof typeof faultGroups;

export type FaultKind = (typeof faultGroups)[FaultGroup][number];

/** Every kind of fault. */
export const faultKinds: readonly FaultKind[] = Object.values(faultGroups).flat();

/**
 * Faults that end by themselves and at once: whoever asks again gets the truth, and nothing that is not the
 * truth was in the answer that failed. The default of `faultRate`.
 */
export const transientFaults: readonly FaultKind[] = [
  'http_429_seconds',
  'http_429_none',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  ...faultGroups.connection,
  'gzip_truncated',
  'gzip_damaged',
  'double_gzip',
  'wrong_content_encoding',
  'content_length_too_short',
  ...faultGroups.body,
];

/** A fault for requests to come. */
export interface Fault {
  readonly kind: FaultKind;
  /** How many matching requests have it; `Infinity` for all. @default 1 */
  readonly times?: number | undefined;
  /** Matching requests that pass before the first one has it. @default 0 */
  readonly after?: number | undefined;
  /** Only requests for this dataset, `core/maxExchanges`. */
  readonly dataset?: string | undefined;
  /** Only requests whose window begins within this business day. */
  readonly businessDay?: BusinessDay | undefined;
  /** Only paths that begin so. @default every path but those of `/_control` */
  readonly pathPrefix?: string | undefined;
  /** Content faults of one field: the key. @default the first of the row */
  readonly key?: string | undefined;
  /** Content faults of one row: where it starts, UTC epoch milliseconds. @default the second of the answer */
  readonly deliveryStartMs?: number | undefined;
  /** `http_429_seconds` and `_date`: the wait; default 1. `wrong_date`: the error; default a day slow. */
  readonly seconds?: number | undefined;
  /** `drip`: time between two bytes. @default 100 */
  readonly intervalMs?: number | undefined;
  /** `gzip_bomb` and `huge_body`: bytes after decompression. @default 64 MiB and 100 MB */
  readonly sizeBytes?: number | undefined;
}

const contentKinds: ReadonlySet<FaultKind> = new Set(faultGroups.content);

/** Whether a client that believes the answer stores what is not the truth. */
export function isContentFault(kind: FaultKind): boolean {
  return contentKinds.has(kind);
}
