import { findProgram } from '@sluice/prometheus-runner';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { buildDashboards } from '../../grafana/src/dashboards.ts';
import { knownMetrics } from './known-metrics.ts';
import {
  filledIn,
  fillIn,
  mappingsSchema,
  readDashboards,
  thresholdsSchema,
} from './read-dashboards.ts';
import type { ShippedPanel } from './read-dashboards.ts';
import { readSelections } from './read-expression.ts';

const dashboards = readDashboards();
/** `$__rate_interval`, and `$__range` for what is told of the whole chosen time. */
const rangesOfSeries = [filledIn.rateInterval];
const rangesOfNewest = [filledIn.rateInterval, filledIn.range];

test('the files are what `npm run dashboards` writes', () => {
  expect(Object.fromEntries(dashboards.map(({ file, text }) => [file, text]))).toEqual(
    buildDashboards(),
  );
});

describe.each(dashboards)('$file', (dashboard) => {
  test('has an address that stays, and can not be changed in Grafana', () => {
    expect(dashboard).toMatchObject({
      uid: `sluice-${dashboard.file.replace('.json', '')}`,
      tags: ['sluice'],
      schemaVersion: 42,
      editable: false,
      title: expect.stringMatching(/^Sluice: ./) as string,
      description: expect.stringMatching(/\.$|\?$/) as string,
    });
    expect(JSON.parse(dashboard.text)).not.toHaveProperty('id');
  });

  test('lets its reader choose the Prometheus, the job and the instance', () => {
    const variables = dashboard.templating.list.map(({ name, type }) => `${name}: ${type}`);
    expect(variables).toEqual(
      expect.arrayContaining(['datasource: datasource', 'job: query', 'instance: query']),
    );
    const used = dashboard.queried.flatMap(({ targets: own }) =>
      own.flatMap(({ expr }) => [...expr.matchAll(/\$([a-z]\w+)/g)].map(([, name]) => name)),
    );
    expect(variables.map((text) => text.split(':')[0])).toEqual(expect.arrayContaining(used));
  });

  test('leads to the others', () => {
    expect(dashboard.links).toEqual([expect.objectContaining({ type: 'dashboards' })]);
    const uids = dashboards.map(({ uid }) => uid);
    const opened = [...dashboard.text.matchAll(/\/d\/([\w-]+)/g)].map(([, uid]) => uid);
    expect(uids).toEqual(expect.arrayContaining(opened));
  });

  test('has panels with ids of their own, beside each other', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const taken = dashboard.queried.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    );
    expect(taken).toHaveLength(new Set(taken).size);
    for (const { gridPos } of dashboard.queried) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });
});

describe.each(dashboards)('each panel of $file', ({ queried }) => {
  test('says what it shows, in which unit', () => {
    for (const { title, description, fieldConfig, targets } of queried) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description, title).toMatch(/^[A-Z].*\.$/s);
      expect(fieldConfig.defaults.unit, title).toMatch(/./);
      expect(targets, title).not.toEqual([]);
    }
  });

  test('asks the Prometheus that the reader has chosen', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    for (const each of queried.flatMap((panel) => [panel, ...panel.targets])) {
      expect(each.datasource).toEqual(chosen);
    }
  });

  test('says in words what its colours mean', () => {
    for (const panel of queried) {
      const { defaults, overrides } = panel.fieldConfig;
      expectWords(panel, defaults);
      for (const { properties } of overrides) {
        expectWords(panel, Object.fromEntries(properties.map(({ id, value }) => [id, value])));
      }
    }
  });

  test('gives every series a name, and every row of a table the same labels in all columns', () => {
    for (const { type, title, targets, transformations } of queried) {
      const fields = transformations?.flatMap(({ options }) =>
        Object.keys(options.renameByName ?? {}),
      );
      const columns = fields?.filter((field) => !field.startsWith('Value')) ?? [];
      for (const { expr, legendFormat } of targets) {
        const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
        const kept = readSelections(fillIn(expr)).flatMap((selection) => selection.kept);
        expect(kept, title).toEqual(expect.arrayContaining([...named, ...columns]));
        expect(legendFormat === '', title).toBe(type === 'table');
      }
    }
  });

  test('leads to runbooks that exist', () => {
    for (const { url = '' } of queried.flatMap(({ links }) => links)) {
      expect(url).toMatch(/^\$\{docs_url\}\/docs\/runbooks\/[a-z-]+\.md$/);
      const page = new URL(url.replace('${docs_url}/', '../../../../'), import.meta.url);
      expect(existsSync(page), url).toBe(true);
    }
  });
});

describe.each(dashboards)('each expression of $file', ({ queried }) => {
  const targets = queried.flatMap(({ title, targets: own }) =>
    own.map(({ refId, expr, instant = false }) => ({
      name: `${title}, ${refId}`,
      isNewest: instant,
      isOfWorkers: expr.includes('$worker_job'),
      selections: readSelections(fillIn(expr)),
    })),
  );

  test('asks for metrics that there are, by labels that they have', () => {
    for (const { name, isOfWorkers, selections } of targets) {
      expect(selections, name).not.toEqual([]);
      for (const { metric, matched, kept } of selections) {
        const tellers = knownMetrics.filter(
          (known) => known.name === metric && (known.toldBy === 'worker') === isOfWorkers,
        );
        expect(tellers, `${name}: ${metric}`).toHaveLength(1);
        const labels = [...tellers.flatMap((teller) => teller.labels), 'job', 'instance'];
        expect(labels, `${name}: ${metric}`).toEqual(expect.arrayContaining([...matched, ...kept]));
      }
    }
  });

  test('asks the processes that the reader has chosen', () => {
    for (const { name, selections } of targets) {
      for (const { matched } of selections.filter(({ metric }) => metric !== 'ALERTS')) {
        expect(matched, name).toEqual(expect.arrayContaining(['job', 'instance']));
      }
    }
  });

  test('takes counters as what they grew by, over a range that fits the resolution', () => {
    for (const { name, isNewest, selections } of targets) {
      for (const { metric, over, range } of selections) {
        const isCounter = knownMetrics.some((known) => known.name === metric && known.isCounter);
        expect(over === 'rate' || over === 'increase', `${name}: ${metric}`).toBe(isCounter);
        const ranges = over === 'increase' && isNewest ? rangesOfNewest : rangesOfSeries;
        expect(ranges, `${name}: ${metric}`).toContain(isCounter ? range : rangesOfSeries[0]);
      }
    }
  });
});

test('every metric of exporters and workers is on a dashboard, if not as the count of a histogram', () => {
  const shown = new Set(
    dashboards.flatMap(({ queried }) =>
      queried.flatMap(({ targets }) =>
        targets.flatMap(({ expr }) => readSelections(fillIn(expr)).map(({ metric }) => metric)),
      ),
    ),
  );
  const names = knownMetrics
    .map(({ name }) => name)
    .filter((name) => !/_(?:sum|count)$/.test(name));
  expect(names.filter((name) => !shown.has(name))).toEqual([]);
});

test.skipIf(findProgram('promtool') === undefined)(
  'promtool can read every expression (needs promtool, which Debian has in its package prometheus)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-dashboards-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const exprs = dashboards.flatMap(({ queried }) =>
      queried.flatMap(({ targets }) => targets.map(({ expr }) => fillIn(expr))),
    );
    const rules = exprs.map((expr, index) => ({ record: `panel:${String(index)}`, expr }));
    const path = join(folder, 'panels.rules.yml');
    // JSON is YAML.
    await writeFile(path, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    const checked = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    expect(checked.stdout).toContain(`${String(rules.length)} rules found`);
  },
);

function expectWords(
  { title, description }: ShippedPanel,
  colours: { readonly thresholds?: unknown; readonly mappings?: unknown },
): void {
  const { steps } = thresholdsSchema.parse(colours.thresholds ?? { steps: [] });
  for (const limit of steps.flatMap(({ value }) => value ?? [])) {
    expect(description, title).toContain(`From ${String(limit)}: `);
  }
  for (const { options } of mappingsSchema.parse(colours.mappings ?? [])) {
    for (const { text } of Object.values(options)) {
      expect(text, title).toMatch(/^[a-z]/);
    }
  }
}
