import { businessDayBounds, findDataset } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { claimDays, hashPayload, startPostgresRun } from '@sluice/warehouse/postgres';
import type { Claim, OpenPostgresOptions, PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { randomUUID } from 'node:crypto';

import { auditsOf } from '../../src/checks/audit-day.ts';
import type { CheckSettings } from '../../src/checks/check-settings.ts';
import { collectDay } from '../../src/collect/collect-day.ts';
import type { DayCollected } from '../../src/collect/collect-day.ts';
import type { AttemptReport, CollectContext } from '../../src/collect/collect-context.ts';
import { countRequests } from '../../src/collect/count-requests.ts';
import { DatabaseOutage } from '../../src/collect/database-outage.ts';
import { SourcePause } from '../../src/collect/source-pause.ts';
import { RunTotals } from '../../src/collect/run-totals.ts';
import type { Source, WindowRequest } from '../../src/source/source.ts';
import { readDatasetIds } from '../../src/store/catalogue.ts';
import { readDayStates } from '../../src/store/day-state.ts';
import { SeriesRegistry } from '../../src/store/series-registry.ts';

/** Who collects into a database, from a source that answers as the test says. */
export interface TestStore {
  readonly db: PostgresDatabase;
  readonly runId: string;
  readonly datasetId: (contract: DatasetContract) => number;
  /** Told of each attempt. */
  readonly attempts: AttemptReport[];
  /** Told of each notice. */
  readonly notices: {
    readonly notice: string;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
  /** Claims a day that nobody holds. */
  readonly claim: (contract: DatasetContract, day: BusinessDay, ttlMs?: number) => Promise<Claim>;
  /**
   * Collects a day once, its claim included unless one is given; `body` is what the source answers, or
   * what it answers for each half of the day, which it refuses to give as a whole.
   */
  readonly collect: (
    contract: DatasetContract,
    day: BusinessDay,
    body: Uint8Array | readonly [Uint8Array, Uint8Array],
    claim?: Claim,
  ) => Promise<DayCollected>;
  readonly close: () => Promise<void>;
}

/** The contract of a dataset of the catalogue. */
export function contractOf(name: string): DatasetContract {
  const contract = findDataset(name);
  if (contract === undefined) {
    throw new RangeError(`the catalogue has no ${name}`);
  }
  return contract;
}

/** Opens a store on a database as a run of its own. */
export async function openStore(
  database: TestDatabase,
  options: Partial<OpenPostgresOptions> = {},
  /** What is said of checks. */
  settings: CheckSettings = {},
): Promise<TestStore> {
  const db = await openAs(database, 'worker', options);
  const runId = randomUUID();
  await startPostgresRun(db, {
    runId,
    app: 'jao-scraper',
    command: 'test',
    appVersion: '1.0.0',
    contractVersion: '1',
    heartbeatTtlMs: 3_600_000,
  });
  const datasetIds = await readDatasetIds(db);
  const datasetId = ({ name }: DatasetContract): number => datasetIds.get(name) ?? -1;
  const attempts: AttemptReport[] = [];
  const notices: TestStore['notices'] = [];
  const registry = new SeriesRegistry();
  const auditOf = auditsOf({ settings, runId, now: () => new Date() });
  const claim: TestStore['claim'] = async ({ name }, businessDay, ttlMs = 60_000) => {
    const days = [{ dataset: name, businessDay }];
    for (;;) {
      const [taken] = await claimDays(db, { days, limit: 1, ttlMs, runId });
      if (taken !== undefined) {
        return taken;
      }
    }
  };
  return {
    db,
    runId,
    datasetId,
    attempts,
    notices,
    claim,
    collect: async (contract, day, body, given) => {
      const taken = given ?? (await claim(contract, day));
      const id = datasetId(contract);
      const states = await readDayStates(db, id, [day]);
      return collectDay(contextOf({ db, registry, runId, auditOf, attempts, notices, body }), {
        contract,
        datasetId: id,
        day,
        claim: taken,
        state: states.get(day),
      });
    },
    close: () => db.close(),
  };
}

function contextOf({
  db,
  registry,
  runId,
  auditOf,
  attempts,
  notices,
  body,
}: Pick<CollectContext, 'db' | 'registry' | 'runId' | 'auditOf'> & {
  readonly attempts: AttemptReport[];
  readonly notices: TestStore['notices'];
  readonly body: Uint8Array | readonly [Uint8Array, Uint8Array];
}): CollectContext {
  return {
    db,
    registry,
    runId,
    auditOf,
    source: body instanceof Uint8Array ? sourceOf(() => body) : sourceInHalves(body),
    metrics: countRequests().metrics,
    pause: new SourcePause({ origin: '', onNotice: () => undefined, onPause: () => undefined }),
    requestsPerMinute: 0,
    reservedTokens: 0,
    maxTries: 1,
    totals: new RunTotals(),
    databaseWaitMs: 10_000,
    signal: new AbortController().signal,
    onAttempt: (report) => {
      attempts.push(report);
    },
    outage: new DatabaseOutage(() => undefined),
    onNotice: (notice, details) => {
      notices.push({ notice, details });
    },
  };
}

function sourceInHalves([earlier, later]: readonly [Uint8Array, Uint8Array]): Source {
  let startMs: number | undefined;
  let isWhole = true;
  return sourceOf(({ fromMs }) => {
    const body = isWhole ? undefined : fromMs === startMs ? earlier : later;
    startMs ??= fromMs;
    isWhole = false;
    return body;
  });
}

/** Answers with a body, and without one refuses the range. */
function sourceOf(bodyFor: (window: WindowRequest) => Uint8Array | undefined): Source {
  return {
    origin: 'http://127.0.0.1:1',
    fetchWindow: (window) => {
      const bytes = bodyFor(window);
      const figures = {
        durationMs: 1,
        wireBytes: bytes?.length ?? 0,
        decodedBytes: bytes?.length ?? 0,
      };
      return Promise.resolve(
        bytes === undefined
          ? {
              ...figures,
              outcome: 'range_refused',
              status: 400,
              message: 'the range is too long',
              retryAfterMs: undefined,
              requests: [{ status: 400, durationMs: 1, wireBytes: 0 }],
            }
          : {
              ...figures,
              outcome: 'answered',
              status: 200,
              bytes,
              sha256: hashPayload(bytes),
              etag: undefined,
              lastModified: undefined,
              serverDate: undefined,
              requests: [{ status: 200, durationMs: 1, wireBytes: bytes.length }],
            },
      );
    },
    close: () => undefined,
  };
}

/** The window of a day, for SQL. */
export function windowOf(contract: DatasetContract, day: BusinessDay): readonly [Date, Date] {
  const { startMs, endMs } = businessDayBounds(contract, day);
  return [new Date(startMs), new Date(endMs)];
}
