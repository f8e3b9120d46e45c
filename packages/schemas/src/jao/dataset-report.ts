import { z } from 'zod';

import { factOrigins } from './dataset-contract.ts';
import type { DatasetContract } from './dataset-contract.ts';
import { defaultDatasetName } from './datasets.ts';

const originSchema = z.enum(factOrigins);

/** One dataset of the catalogue, as `jao-scraper datasets --format json` gives it. */
export const datasetReportSchema = z.object({
  /** `core/maxExchanges` */
  name: z.string(),
  region: z.string(),
  dataset: z.string(),
  path: z.string(),
  unit: z.string(),
  unitOverrides: z.array(z.object({ keyPrefix: z.string(), unit: z.string() })),
  description: z.string(),
  zone: z.string(),
  steps: z.array(
    z.object({
      fromBusinessDay: z.iso.date().nullable(),
      minutes: z.union([z.literal(15), z.literal(60)]),
    }),
  ),
  stepIsAssumed: z.boolean(),
  publication: z.object({
    dueDayOffset: z.int(),
    /** In `zone`. */
    dueLocalTime: z.string(),
    graceMinutes: z.int().min(0),
    giveUpHours: z.int().min(0),
    seriesEndsAfterDays: z.int().min(1),
  }),
  firstBusinessDay: z.iso.date(),
  /** A regular expression of ECMAScript. */
  keyPattern: z.string(),
  origins: z.object({
    steps: originSchema,
    publication: originSchema,
    firstBusinessDay: originSchema,
    unit: originSchema,
  }),
  contractVersion: z.string(),
  /** Whether it is collected unless others are named. */
  isDefault: z.boolean(),
});

/** One dataset of the catalogue; see {@link datasetReportSchema}. */
export type DatasetReport = z.infer<typeof datasetReportSchema>;

/** A contract as a document. */
export function describeDataset(contract: DatasetContract): DatasetReport {
  return {
    name: contract.name,
    region: contract.region,
    dataset: contract.dataset,
    path: contract.path,
    unit: contract.unit,
    unitOverrides: contract.unitOverrides.map((override) => ({ ...override })),
    description: contract.description,
    zone: contract.zone,
    steps: contract.steps.map((step) => ({ ...step })),
    stepIsAssumed: contract.stepIsAssumed,
    publication: { ...contract.publication },
    firstBusinessDay: contract.firstBusinessDay,
    keyPattern: contract.keyPattern.source,
    origins: { ...contract.origins },
    contractVersion: contract.contractVersion,
    isDefault: contract.name === defaultDatasetName,
  };
}
