import type { IncomingMessage } from 'node:http';

import { findDataset } from './dataset.ts';
import type { SimulatedDataset } from './dataset.ts';
import { isRegion } from './monitoring.ts';
import { parseWindow } from './window.ts';
import type { Window } from './window.ts';

/** Where a redirect to the same origin leads; behind it is the path that was asked for. */
export const redirectPrefix = '/_redirected';

const monitoringPath = /^\/(?<region>[^/]+)\/api\/system\/monitoring$/;
const dataPath = /^\/(?<region>[^/]+)\/api\/data\/(?<dataset>[^/]+)$/;

/** What a request asks for, or how it is refused. */
export type Question =
  | { readonly kind: 'rows'; readonly dataset: SimulatedDataset; readonly window: Window }
  | { readonly kind: 'monitoring'; readonly region: string; readonly window: Window }
  | { readonly kind: 'refused'; readonly status: 400 | 404 | 405; readonly detail: string };

/** Reads the URL of a request; `path` is without the prefix of a redirect. */
export function parseQuestion(
  { method, url = '/' }: IncomingMessage,
  maxWindowHours: number,
): { readonly path: string; readonly question: Question } {
  const [rawPath = '/', query = ''] = url.split('?', 2);
  const path = rawPath.startsWith(redirectPrefix) ? rawPath.slice(redirectPrefix.length) : rawPath;
  const refuse = (status: 400 | 404 | 405, detail: string) =>
    ({ path, question: { kind: 'refused', status, detail } }) as const;

  if (method !== 'GET') return refuse(405, `The method ${method ?? ''} is not allowed.`);
  const monitored = monitoringPath.exec(path)?.groups?.['region'];
  const dataset = datasetOfPath(path);
  const isMonitoring = monitored !== undefined && isRegion(monitored);
  if (!isMonitoring && dataset === undefined) return refuse(404, `There is no page ${path}.`);
  const window = parseWindow(new URLSearchParams(query), maxWindowHours);
  if ('refusal' in window) return refuse(400, window.refusal);
  if (dataset !== undefined) return { path, question: { kind: 'rows', dataset, window } };
  return { path, question: { kind: 'monitoring', region: monitored ?? '', window } };
}

/** The dataset that a path leads to: `/core/api/data/maxExchanges` to `core/maxExchanges`. */
export function datasetOfPath(path: string): SimulatedDataset | undefined {
  const { region, dataset } = dataPath.exec(path)?.groups ?? {};
  return region === undefined || dataset === undefined
    ? undefined
    : findDataset(`${region}/${dataset}`);
}
