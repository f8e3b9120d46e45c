import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

import { hasTool, runTool } from '../run-tool.ts';
import type { ToolRun } from '../run-tool.ts';
import type { AlertExpectation } from './alert-case.ts';
import type { Rule } from './rules.ts';

/**
 * Whether this machine has a promtool of version 2, as Debian has it in its package prometheus. From version 3 on a range
 * is without its beginning, so that the stories of alerts would have other numbers.
 */
export const canTestRules =
  hasTool('promtool') && /version 2\./.test((await runTool('promtool', ['--version'])).output);

/** The links of what fires have these bases. */
const externalLabels = {
  sluice_docs_url: 'https://docs.example',
  sluice_grafana_url: 'https://grafana.example',
};

/** Lets promtool say whether these rules do what is expected of these alerts; writes into a new folder. */
export async function testRules(
  folder: string,
  rules: readonly Rule[],
  expectations: Readonly<Record<string, AlertExpectation>>,
): Promise<ToolRun> {
  await mkdir(folder);
  await writeFile(join(folder, 'rules.yml'), stringify({ groups: [{ name: 'all', rules }] }));
  const files = await Promise.all(
    Object.entries(expectations).flatMap(([alert, expectation]) =>
      testsOf(alert, expectation).map(async (test, index) => {
        const path = join(folder, `${alert}-${String(index)}.yml`);
        await writeFile(path, stringify(test));
        return path;
      }),
    ),
  );
  return runTool('promtool', ['test', 'rules', ...files]);
}

/** In promtool's format: one file for each case, since each has an interval of its own. */
function testsOf(
  alert: string,
  { severity, audience, symptom, dashboard, cases }: AlertExpectation,
): readonly unknown[] {
  return cases.map(({ title, everyMinutes = 1, series, looks }) => ({
    rule_files: ['rules.yml'],
    evaluation_interval: `${String(everyMinutes)}m`,
    tests: [
      {
        name: `${alert}: ${title}`,
        interval: `${String(everyMinutes)}m`,
        external_labels: externalLabels,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: Object.entries(looks).map(([minute, firing]) => ({
          alertname: alert,
          eval_time: `${minute}m`,
          exp_alerts: firing.map(({ labels, summary, description }) => ({
            exp_labels: { severity, audience, symptom, ...labels },
            exp_annotations: {
              summary,
              description,
              runbook_url: `${externalLabels.sluice_docs_url}/docs/runbooks/${symptom}.md`,
              dashboard_url: `${externalLabels.sluice_grafana_url}/d/sluice-${dashboard}`,
            },
          })),
        })),
      },
    ],
  }));
}
