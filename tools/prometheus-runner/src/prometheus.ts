import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { readApi } from './read-api.ts';
import { startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/** A sample of an answer; the value is text, as NaN and infinity are. */
export interface QueriedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

/** An alert as Prometheus knows it: pending, or firing. */
export type ActiveAlert = z.infer<typeof alertSchema>;

/** A Prometheus that runs. */
export interface Prometheus extends ServerProcess {
  /** The samples that an expression has now. @throws {Error} where it is no expression */
  readonly query: (expr: string) => Promise<readonly QueriedSample[]>;
  readonly activeAlerts: () => Promise<readonly ActiveAlert[]>;
  /** What each rule group has last failed with. */
  readonly ruleErrors: () => Promise<readonly string[]>;
}

const labelsSchema = z.record(z.string(), z.string());
const pair = z.tuple([z.number(), z.string()]);
const resultSchema = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: labelsSchema, value: pair })),
    }),
    z.object({ resultType: z.literal('scalar'), result: pair }),
  ]),
});
const alertSchema = z.object({
  labels: labelsSchema,
  annotations: labelsSchema,
  state: z.enum(['pending', 'firing']),
});
const alertsSchema = z.object({ data: z.object({ alerts: z.array(alertSchema) }) });
const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(z.object({ name: z.string(), lastError: z.string().optional() })),
      }),
    ),
  }),
});

/**
 * Starts Prometheus with a configuration, which is written into `folder` together with its data; paths
 * in it are relative to that folder.
 *
 * @throws {ServerError} where it does not start, as for a configuration that is wrong.
 */
export async function startPrometheus({
  folder,
  config,
}: {
  readonly folder: string;
  /** As prometheus.yml. */
  readonly config: unknown;
}): Promise<Prometheus> {
  const path = join(folder, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(path, JSON.stringify(config));
  const server = await startServerProcess('prometheus', [
    `--config.file=${path}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
  ]);
  const ask = <Shape extends z.ZodType>(endpoint: string, shape: Shape) =>
    readApi(new URL(`/api/v1/${endpoint}`, server.url), shape);
  return {
    ...server,
    query: async (expr) => {
      const { data } = await ask(`query?query=${encodeURIComponent(expr)}`, resultSchema);
      return data.resultType === 'scalar'
        ? [{ labels: {}, value: data.result[1] }]
        : data.result.map(({ metric, value }) => ({ labels: metric, value: value[1] }));
    },
    activeAlerts: async () => (await ask('alerts', alertsSchema)).data.alerts,
    ruleErrors: async () =>
      (await ask('rules', rulesSchema)).data.groups
        .flatMap(({ rules }) => rules)
        .flatMap(({ name, lastError }) =>
          lastError === undefined || lastError === '' ? [] : [`${name}: ${lastError}`],
        ),
  };
}
