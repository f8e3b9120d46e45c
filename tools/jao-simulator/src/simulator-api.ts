import type { BusinessDay } from './business-day.ts';
import type { CertificateKind } from './certificate.ts';
import type { SimulatedClock } from './clock.ts';
import type { RandomFaults } from './fault-plan.ts';
import type { Fault } from './fault.ts';
import type { Publication, Revision } from './publication.ts';
import type { RateLimit } from './rate-limit.ts';
import type { LoggedRequest } from './request-log.ts';
import type { TruthRow } from './source.ts';

/** What may be changed while the simulator runs; what is not named stays. */
export interface SimulatorSettings {
  /** The longest window in hours; a longer one is refused with 400. @default 48 */
  readonly maxWindowHours?: number | undefined;
  /** @default null, no limit */
  readonly rateLimit?: RateLimit | null | undefined;
  /** Whether answers have an ETag, and `If-None-Match` is heeded. @default false */
  readonly answersConditionally?: boolean | undefined;
  /** Whether answers have `Last-Modified`, and `If-Modified-Since` is heeded. @default false */
  readonly datesAnswers?: boolean | undefined;
  /** @default { rate: 0 } */
  readonly randomFaults?: RandomFaults | undefined;
}

export interface SimulatorOptions extends SimulatorSettings {
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Of 127.0.0.1. @default 0, any that is free */
  readonly port?: number | undefined;
  /** Where the clock stands, UTC epoch milliseconds; it stands still. @default the real time, running */
  readonly nowMs?: number | undefined;
  /** A day comes out up to so many minutes after it is due; 0 is exactly then. @default 10 */
  readonly jitterMinutes?: number | undefined;
  /** The part of all days that are revised within hours. @default 0 */
  readonly revisionRate?: number | undefined;
  /** Serve HTTPS with a new certificate of this kind. @default HTTP */
  readonly tls?: CertificateKind | undefined;
  /** Bodies are kept up to this size together. @default 256 MiB */
  readonly cacheBytes?: number | undefined;
}

/** A running simulator. Datasets are named `core/maxExchanges`; instants are UTC epoch milliseconds. */
export interface JaoSimulator {
  /** `http://127.0.0.1:40123`, and `https:` with `tls`. */
  readonly url: string;
  /** The certificate as PEM, with `tls`: who trusts it as an authority trusts the simulator. */
  readonly certificate: string | undefined;
  readonly clock: SimulatedClock;
  /** Every request so far but those of `/_control`, in the order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Connections to where no client should go: the targets of redirects to another port or to localhost. */
  readonly strayConnections: number;
  readonly configure: (settings: SimulatorSettings) => void;
  /** Revises a published day, now or at `atMs`. @throws {RangeError} when the day is not out at that time */
  readonly revise: (
    dataset: string,
    businessDay: BusinessDay,
    revision: Revision & { readonly atMs?: number | undefined },
  ) => Publication;
  /** Moves the first publication of a day; with `null` it never comes. */
  readonly postpone: (dataset: string, businessDay: BusinessDay, atMs: number | null) => void;
  /** Puts a fault behind those that are there. */
  readonly inject: (fault: Fault) => void;
  /** Scripted faults that have requests left to harm. */
  readonly pendingFaults: () => number;
  readonly clearFaults: () => void;
  /** The rows that a perfect client has at `atMs` (default: now), ascending by delivery start. */
  readonly truth: (dataset: string, fromMs: number, toMs: number, atMs?: number) => TruthRow[];
  /** Every publication of the days from `from` to `to`, both included, also those to come. */
  readonly publications: (dataset: string, from: BusinessDay, to: BusinessDay) => Publication[];
  /** The newest business day that is out, if any is. */
  readonly lastPublishedDay: (dataset: string) => BusinessDay | undefined;
  /** The largest number of requests that arrived within any 60 s of real time. */
  readonly maxRequestsInAnyMinute: () => number;
  readonly clearRequests: () => void;
  /** Builds the bodies of whole days ahead, for clients that take gzip; returns how many. */
  readonly precompute: (dataset: string, from: BusinessDay, to: BusinessDay) => number;
  /** Stops listening and ends every connection at once. */
  readonly close: () => Promise<void>;
}
