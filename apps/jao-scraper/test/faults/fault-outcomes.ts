import type { FaultKind } from '@sluice/jao-simulator';
import type { AttemptOutcome } from '@sluice/schemas/jao';

import type { Difference } from './stored-series.ts';

/** What is to become of a day whose first request meets a fault. */
export interface FaultOutcome {
  /** Of the attempt that met it. */
  readonly outcome: AttemptOutcome;
  /** Whether the run asks again, and has the truth in the end. @default that it has the truth */
  readonly isGivenUp?: true;
  /** How what is stored differs from the truth. @default not at all */
  readonly difference?: Partial<Difference>;
  /** Reasons and pointers of what is in quarantine, without those of cells of one row more. */
  readonly quarantine?: readonly string[];
  /** What was seen in the answer that the contract does not know. */
  readonly drift?: readonly string[];
}

/** Of the days of the test: those of core/maxNetPos. */
export const keysOfDay = 28;
export const rowsOfDay = 24;
const firstCell = '/data/1/minALBE';

const given = (outcome: AttemptOutcome): FaultOutcome => ({ outcome });
const givenUp = (outcome: AttemptOutcome): FaultOutcome => ({ outcome, isGivenUp: true });
const stored: FaultOutcome = { outcome: 'stored' };
const quarantinedCell = (reason: string): FaultOutcome => ({
  outcome: 'stored',
  difference: { missing: 1 },
  quarantine: [`${reason} ${firstCell}`],
});

/** Of every fault but `http_429_absurd`, after which nobody asks for a quarter of an hour. */
export const faultOutcomes: Readonly<Record<Exclude<FaultKind, 'http_429_absurd'>, FaultOutcome>> =
  {
    http_429_seconds: given('http_429'),
    http_429_date: given('http_429'),
    http_429_none: given('http_429'),
    http_500: given('http_5xx'),
    http_502: given('http_5xx'),
    http_503: given('http_5xx'),
    http_504: given('http_5xx'),
    http_400_range: given('range_refused'),
    http_403: givenUp('http_4xx'),
    http_404: givenUp('http_4xx'),
    hang: given('headers_timeout'),
    headers_then_nothing: given('total_timeout'),
    drip: given('total_timeout'),
    close_before_headers: given('reset'),
    reset_before_headers: given('reset'),
    close_before_body: given('truncated'),
    reset_in_body: given('reset'),
    truncated_content_length: given('truncated'),
    truncated_chunked: given('truncated'),
    truncated_clean: given('not_json'),
    gzip_bomb: givenUp('too_large'),
    huge_body: givenUp('too_large'),
    gzip_truncated: given('truncated'),
    gzip_damaged: given('not_json'),
    double_gzip: given('not_json'),
    wrong_content_encoding: given('not_json'),
    unknown_content_encoding: given('not_json'),
    content_length_too_short: given('truncated'),
    content_length_too_long: given('total_timeout'),
    html_page: given('html'),
    error_object: given('schema'),
    no_content: given('empty_body'),
    empty_body: given('empty_body'),
    empty_array: given('schema'),
    json_null: given('schema'),
    empty_object: given('schema'),
    data_null: given('schema'),
    data_object: given('schema'),
    rejected: given('rejected'),
    invalid_utf8: given('not_json'),
    value_nan: given('not_json'),
    redirect_same_origin: given('redirected'),
    redirect_other_host: givenUp('redirect_refused'),
    redirect_other_port: givenUp('redirect_refused'),
    redirect_downgrade: givenUp('redirect_refused'),
    redirect_link_local: givenUp('redirect_refused'),
    redirect_localhost: givenUp('redirect_refused'),
    redirect_ipv6_loopback: givenUp('redirect_refused'),
    redirect_loop: givenUp('redirect_refused'),
    unasked_304: given('schema'),
    etag_changed: stored,
    etag_unchanged: stored,
    wrong_date: stored,
    drift_new_key: {
      outcome: 'stored',
      difference: { extra: rowsOfDay },
      drift: ['new_key border_XX_YY'],
    },
    drift_removed_key: {
      outcome: 'stored',
      difference: { missing: rowsOfDay },
      drift: ['vanished_key minALBE'],
    },
    drift_renamed_key: {
      outcome: 'stored',
      difference: { missing: rowsOfDay, extra: rowsOfDay },
      drift: ['new_key minALBE_renamed'],
    },
    drift_proto_key: {
      outcome: 'stored',
      difference: { extra: 2 * rowsOfDay },
      drift: ['key_pattern __proto__', 'key_pattern constructor'],
    },
    drift_number_as_string: quarantinedCell('not_a_number'),
    drift_decimal_comma: quarantinedCell('not_a_number'),
    drift_null: { outcome: 'stored', difference: { wrong: 1 } },
    drift_boolean: quarantinedCell('not_a_number'),
    drift_object: quarantinedCell('not_a_number'),
    value_1e400: quarantinedCell('not_finite'),
    value_nan_text: quarantinedCell('not_a_number'),
    value_beyond_2_53: { outcome: 'stored', difference: { wrong: 1 } },
    doubled_key_same: {
      outcome: 'stored',
      difference: { missing: keysOfDay },
      quarantine: ['duplicate_key /data/1'],
    },
    doubled_key_different: {
      outcome: 'stored',
      difference: { missing: keysOfDay },
      quarantine: ['duplicate_key /data/1'],
    },
    duplicate_rows_same: stored,
    duplicate_rows_different: {
      outcome: 'stored',
      difference: { missing: keysOfDay },
      quarantine: ['conflicting_rows /data/1', 'conflicting_rows /data/24'],
    },
    rows_out_of_order: stored,
    rows_foreign: {
      outcome: 'stored',
      quarantine: ['foreign_row /data/0', 'foreign_row /data/25'],
    },
    bad_timestamp: {
      outcome: 'stored',
      difference: { missing: keysOfDay },
      quarantine: ['bad_timestamp /data/1'],
    },
    row_is_null: { outcome: 'stored', quarantine: ['not_an_object /data/0'] },
    missing_hour: { outcome: 'stored', difference: { missing: keysOfDay } },
    short_page: { outcome: 'stored', difference: { missing: (rowsOfDay / 2) * keysOfDay } },
    empty_window: { outcome: 'empty', difference: { missing: rowsOfDay * keysOfDay } },
  };
