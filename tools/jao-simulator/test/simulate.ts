import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { dayEndMs, dayStartMs } from '../src/business-day.ts';
import { startJaoSimulator } from '../src/index.ts';
import type { JaoSimulator, SimulatorOptions } from '../src/index.ts';

/** Long after every day that a test asks for came out. */
export const late = Date.parse('2026-11-20T12:00:00Z');

/** A simulator that ends with the test; its clock stands still, days come out exactly when due. */
export async function simulate(options: SimulatorOptions = {}): Promise<JaoSimulator> {
  const simulator = await startJaoSimulator({ nowMs: late, jitterMinutes: 0, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** The URL of a window of a dataset. */
export function windowUrl(
  simulator: JaoSimulator,
  dataset: string,
  window: { readonly fromMs: number; readonly toMs: number },
): string {
  const query = new URLSearchParams({
    FromUtc: new Date(window.fromMs).toISOString(),
    ToUtc: new Date(window.toMs).toISOString(),
  });
  return `${simulator.url}/${dataset.replace('/', '/api/data/')}?${query.toString()}`;
}

/** The URL of a business day of a dataset. */
export function dayUrl(simulator: JaoSimulator, dataset: string, day: string): string {
  return windowUrl(simulator, dataset, { fromMs: dayStartMs(day), toMs: dayEndMs(day) });
}

const rowSchema = z.looseObject({ id: z.int(), dateTimeUtc: z.string() });
const answerSchema = z.strictObject({
  data: z.array(rowSchema),
  rejected: z.literal(false),
  messages: z.null(),
});

export type Row = z.infer<typeof rowSchema>;

/** The rows of an answer of the service. */
export async function readRows(url: string): Promise<Row[]> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return answerSchema.parse(JSON.parse(text)).data;
}

/** The rows that the truth says there are, in the service's form. */
export function rowsOfTruth(
  simulator: JaoSimulator,
  dataset: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Row[] {
  return simulator.truth(dataset, fromMs, toMs).map((row) => ({
    id: row.sourceRowId,
    dateTimeUtc: new Date(row.deliveryStartMs).toISOString().replace('.000', ''),
    ...Object.fromEntries(row.values),
  }));
}

/** Rows without what differs between publications of equal values. */
export function withoutStamps(rows: readonly Row[]): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(([name]) => name !== 'id' && name !== 'lastModifiedOn'),
    ),
  );
}
