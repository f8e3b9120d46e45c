import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { hasTool, runTool } from '../run-tool.ts';
import { expectations } from './alert-cases/all-cases.ts';
import {
  alertingRules,
  nameOf,
  recordingRules,
  rules,
  rulesFiles,
  rulesFolder,
  rulesFor,
} from './rules.ts';
import { canTestRules, testRules } from './test-rules.ts';

const documentedMetrics = [
  'up',
  ...recordingRules.map(({ record }) => record),
  ...['docs/metrics.md', 'apps/jao-scraper/README.md'].flatMap((path) =>
    [
      ...readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8').matchAll(
        /`(sluice_[a-z_]+)`/g,
      ),
    ].map(([, name = '']) => name),
  ),
];

/** It fires always, and never ends. */
const endless = ['SluiceWatchdog'];

describe('every alert', () => {
  test('is expected to say something, and nothing else is', () => {
    expect(Object.keys(expectations).toSorted()).toEqual(
      alertingRules.map(({ alert }) => alert).toSorted(),
    );
  });

  test.each(Object.entries(expectations).filter(([alert]) => !endless.includes(alert)))(
    '%s is looked at before it fires, while it does, and afterwards',
    (_, { cases }) => {
      const stories = cases.map(({ looks }) =>
        Object.values(looks)
          .map((firing) => (firing.length === 0 ? 'quiet' : 'fires'))
          .join(' '),
      );
      expect(stories).toContainEqual(expect.stringMatching(/quiet( fires)+ quiet/));
    },
  );
});

test.each(rules.map((rule) => [nameOf(rule), rule] as const))(
  '%s rests on metrics that are documented, and names their job',
  (_, { expr }) => {
    for (const [selector, name = ''] of expr.matchAll(/\b([a-z_:]+)\{[^}]*\}/g)) {
      expect(documentedMetrics, name).toContain(name);
      expect(selector).toMatch(/\{job="sluice-(?:exporter|worker)"/);
    }
    const withoutSelectors = expr.replaceAll(/[a-z_:]+\{[^}]*\}/g, '');
    expect(withoutSelectors).not.toMatch(/sluice_|\bup\b/);
  },
);

test.each(alertingRules.map((rule) => [rule.alert, rule] as const))(
  '%s links to its page and to a dashboard, below the addresses that are configured',
  (_, { labels, annotations }) => {
    expect(annotations.runbook_url).toBe(
      `{{ with $externalLabels.sluice_docs_url }}{{ . }}/{{ end }}docs/runbooks/${labels.symptom}.md`,
    );
    expect(annotations.dashboard_url).toMatch(
      /^\{\{ with \$externalLabels\.sluice_grafana_url \}\}\{\{ \. \}\}\/\{\{ end \}\}d\/sluice-[a-z]+$/,
    );
  },
);

test.each(alertingRules.map((rule) => [rule.alert, rule] as const))(
  '%s writes each number in a form of its own: by itself a million has an exponent',
  (_, { annotations: { summary, description } }) => {
    expect(`${summary} ${description}`).not.toMatch(/\{\{-?\s*\$value\s*-?\}\}/);
  },
);

describe.skipIf(!hasTool('promtool'))('by promtool', () => {
  test('the configuration is right, and has all rules and a job for each that they name', async () => {
    const { exitCode, output } = await runTool('promtool', [
      'check',
      'config',
      join(rulesFolder, 'prometheus.example.yml'),
    ]);
    expect(exitCode, output).toBe(0);
    for (const path of rulesFiles) {
      expect(output).toContain(path);
    }
    const config = readFileSync(join(rulesFolder, 'prometheus.example.yml'), 'utf8');
    for (const [, job = ''] of rules.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]+)"/g)])) {
      expect(config).toContain(`job_name: ${job}\n`);
    }
  });

  test('the rules are right', async () => {
    const { exitCode, output } = await runTool('promtool', ['check', 'rules', ...rulesFiles]);
    expect(output).not.toContain('FAILED');
    expect(exitCode, output).toBe(0);
  });
});

describe.skipIf(!canTestRules)('by promtool 2', () => {
  test.each(Object.entries(expectations))('%s says what it is to say', async (alert, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-rules-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { exitCode, output } = await testRules(join(folder, 'all'), rulesFor(alert), {
      [alert]: expected,
    });
    expect(exitCode, output).toBe(0);
  });
});
