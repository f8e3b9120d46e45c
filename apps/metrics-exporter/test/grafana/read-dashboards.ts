import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** Where the dashboards are that Grafana loads. */
export const dashboardFolder = new URL('../../grafana/dashboards/', import.meta.url);

const link = z.object({ title: z.string(), type: z.string(), url: z.string().optional() });

/** From which values on a panel has another colour. */
export const thresholdsSchema = z.object({
  steps: z.array(z.object({ value: z.number().nullable() })),
});

/** Words that a panel shows for values. */
export const mappingsSchema = z.array(
  z.object({ options: z.record(z.string(), z.object({ text: z.string() })) }),
);

const datasource = z.strictObject({ type: z.string(), uid: z.string() });
const target = z.object({
  refId: z.string(),
  expr: z.string(),
  legendFormat: z.string(),
  instant: z.boolean().optional(),
  datasource,
});
const row = z.object({ type: z.literal('row'), id: z.int(), title: z.string() });
const gridPos = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const panel = z.object({
  type: z.enum(['stat', 'timeseries', 'state-timeline', 'table']),
  id: z.int(),
  title: z.string(),
  description: z.string(),
  datasource,
  targets: z.array(target),
  links: z.array(link),
  gridPos,
  fieldConfig: z.object({
    defaults: z.object({
      unit: z.string(),
      mappings: z.unknown().optional(),
      thresholds: z.unknown().optional(),
    }),
    overrides: z.array(
      z.object({
        matcher: z.object({ options: z.string() }),
        properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
      }),
    ),
  }),
  transformations: z
    .array(
      z.object({
        id: z.string(),
        options: z.object({ renameByName: z.record(z.string(), z.string()).optional() }),
      }),
    )
    .optional(),
});
const variable = z.object({ name: z.string(), type: z.string(), query: z.unknown() });
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  schemaVersion: z.int(),
  editable: z.boolean(),
  links: z.array(link),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(z.discriminatedUnion('type', [row, panel])),
});

/** A panel that has queries. */
export type ShippedPanel = z.infer<typeof panel>;

/** A dashboard as it is shipped. */
export interface ShippedDashboard extends z.infer<typeof dashboard> {
  readonly file: string;
  readonly text: string;
  /** Those that have queries. */
  readonly queried: readonly ShippedPanel[];
}

/** Reads all dashboards that are shipped, sorted by their files. */
export function readDashboards(): readonly ShippedDashboard[] {
  return readdirSync(dashboardFolder)
    .toSorted()
    .map((file) => {
      const text = readFileSync(new URL(file, dashboardFolder), 'utf8');
      const read = dashboard.parse(JSON.parse(text));
      const queried = read.panels.filter((each) => each.type !== 'row');
      return { ...read, file, text, queried };
    });
}

/** The ranges that Grafana fills in, where a test does not say otherwise. */
export const filledIn = { rateInterval: '5m', range: '1h' } as const;

/** What a reader may have chosen: jobs as prometheus.example.yml names them, all of their instances, and so on. */
const choices: Readonly<Record<string, string>> = {
  job: 'sluice-exporter',
  instance: '.*',
  worker_job: 'sluice-worker',
  worker_instance: '.*',
  warehouse: '.*',
  dataset: 'core/maxExchanges',
  window: '1d',
};

/**
 * An expression as Grafana sends it, with the variables of dashboards replaced.
 *
 * @throws {RangeError} for a variable that no dashboard has.
 */
export function fillIn(
  expr: string,
  { rateInterval, range }: { readonly rateInterval: string; readonly range: string } = filledIn,
): string {
  const values = { ...choices, __rate_interval: rateInterval, __range: range };
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = Object.entries(values).find(([known]) => known === name)?.[1];
    if (value === undefined) {
      throw new RangeError(`${expr}: $${name} is no variable`);
    }
    return value;
  });
}
