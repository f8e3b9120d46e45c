import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

import { hasTool, runTool } from '../run-tool.ts';

const scrapeConfigs = z.array(
  z.looseObject({
    job_name: z.string(),
    kubernetes_sd_configs: z.tuple([z.object({ role: z.string() })]),
  }),
);
const relabelling = z.tuple([
  z.object({ source_labels: z.tuple([z.string()]), regex: z.string() }),
]);

const readme = await readText('../../README.md');
const [, example = ''] =
  /```yaml\n((?:(?!```)[^])*kubernetes_sd_configs(?:(?!```)[^])*)```/.exec(readme) ?? [];
const jobs = scrapeConfigs.parse(parse(example));

test('in Kubernetes the exporter is found by its service, whose address survives its pods', async () => {
  expect(jobs.map((job) => job.job_name)).toEqual(['sluice-exporter', 'sluice-worker']);
  const [exporter] = jobs;
  const role = exporter?.kubernetes_sd_configs[0].role;
  const [{ source_labels: sources, regex }] = relabelling.parse(exporter?.['relabel_configs']);
  expect(role).toBe('service');
  expect(sources).toEqual(['__meta_kubernetes_service_label_app_kubernetes_io_name']);
  const documents = parseAllDocuments(await readText('../../deploy/deployment.yaml'));
  const resources = documents.map((document) => {
    const resource: unknown = document.toJS();
    return resource;
  });
  expect(resources).toContainEqual(
    expect.objectContaining({
      kind: 'Service',
      metadata: expect.objectContaining({
        labels: expect.objectContaining({ 'app.kubernetes.io/name': regex }) as unknown,
      }) as unknown,
    }),
  );
});

describe.skipIf(!hasTool('promtool'))('by promtool', () => {
  test('what the README says of Kubernetes can be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-scrape-config-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'prometheus.yml');
    // Debian's is built without Kubernetes: all but how targets are found.
    const known = jobs.map((job) => ({ ...job, kubernetes_sd_configs: undefined }));
    await writeFile(path, JSON.stringify({ scrape_configs: known }));
    const { exitCode, output } = await runTool('promtool', ['check', 'config', path]);
    expect(exitCode, output).toBe(0);
  });
});

function readText(path: string): Promise<string> {
  return readFile(new URL(path, import.meta.url), 'utf8');
}
