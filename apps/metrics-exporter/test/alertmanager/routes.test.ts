import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { alertingRules, audiences, severities } from '../prometheus/rules.ts';
import { hasTool, runTool } from '../run-tool.ts';
import { alertmanagerFile, readAlertmanagerConfig } from './alertmanager-files.ts';
import type { AlertmanagerConfig } from './alertmanager-files.ts';

const shipped = readAlertmanagerConfig('alertmanager.yml');
const withTeams = readAlertmanagerConfig('alertmanager.teams.yml');

/** Of what has a secret in it, each member that would be one, and is no file. */
function secretsIn(value: unknown): readonly string[] {
  return typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]) =>
        /(?:key|password|token|secret|credentials|api_url|webhook_url|smtp_auth_identity)$/.test(
          name,
        )
          ? [name]
          : secretsIn(member),
      );
}

/** Of what has files of secrets, their paths. */
function filesIn(value: unknown): readonly string[] {
  return typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
        name.endsWith('_file') && typeof member === 'string' ? [member] : filesIn(member),
      );
}

function withoutChat(receiver: AlertmanagerConfig['receivers'][number]) {
  return { ...receiver, slack_configs: undefined, msteamsv2_configs: undefined };
}

describe.each([
  ['alertmanager.yml', shipped],
  ['alertmanager.teams.yml', withTeams],
])('%s', (_, config) => {
  test('has every secret in a file of the folder that is mounted', () => {
    expect(secretsIn(config)).toEqual([]);
    expect(filesIn(config).length).toBeGreaterThan(5);
    for (const path of filesIn(config)) {
      expect(path).toMatch(/^\/etc\/alertmanager\/secrets\/[a-z-]+$/);
    }
  });
});

test('Slack, PagerDuty, e-mail and a webhook are told', () => {
  const kinds = new Set(shipped.receivers.flatMap((receiver) => Object.keys(receiver)));
  expect([...kinds].toSorted()).toEqual([
    'email_configs',
    'name',
    'pagerduty_configs',
    'slack_configs',
    'webhook_configs',
  ]);
});

test('with Microsoft Teams all is the same, but for Slack', () => {
  const teamsSchema = z.strictObject({
    webhook_url_file: z.string(),
    send_resolved: z.literal(true),
    title: z.literal('{{ template "sluice.title" . }}'),
    text: z.literal('{{ template "sluice.text" . }}'),
  });
  const { slack_api_url_file: slackFile, ...global } = shipped.global;
  expect(slackFile).toBeDefined();
  expect({ ...withTeams, receivers: [] }).toEqual({ ...shipped, global, receivers: [] });
  expect(withTeams.receivers.map(withoutChat)).toEqual(shipped.receivers.map(withoutChat));
  for (const [index, { slack_configs: slack, name }] of shipped.receivers.entries()) {
    const teams = withTeams.receivers[index]?.msteamsv2_configs;
    const channels = slack?.map(({ channel }) => String(channel).replace('#sluice-', ''));
    expect(
      teams?.map((config) => teamsSchema.parse(config).webhook_url_file),
      name,
    ).toEqual(channels?.map((channel) => `/etc/alertmanager/secrets/teams-${channel}-url`));
  }
});

describe.skipIf(!hasTool('amtool'))('by amtool', () => {
  const config = alertmanagerFile('alertmanager.yml');

  async function expectReceiver(
    receiver: string,
    labels: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { exitCode, output } = await runTool('amtool', [
      'config',
      'routes',
      'test',
      `--config.file=${config}`,
      `--verify.receivers=${receiver}`,
      ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ]);
    expect(exitCode, output).toBe(0);
  }

  test('the configuration is right', async () => {
    const { exitCode, output } = await runTool('amtool', ['check-config', config]);
    expect(exitCode, output).toBe(0);
    expect(output).toContain('1 templates');
  });

  test('all of the one with Microsoft Teams is right that this version knows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-alertmanager-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'alertmanager.yml');
    const receivers = withTeams.receivers.map(withoutChat);
    // JSON is YAML.
    await writeFile(path, JSON.stringify({ ...withTeams, templates: [], receivers }));
    const { exitCode, output } = await runTool('amtool', ['check-config', path]);
    expect(exitCode, output).toBe(0);
  });

  test.concurrent.each(alertingRules.map(({ alert, labels }) => [alert, labels] as const))(
    '%s reaches whom it is for',
    async (alertname, labels) => {
      const receiver =
        alertname === 'SluiceWatchdog' ? 'watchdog' : `${labels.audience}-${labels.severity}`;
      await expectReceiver(receiver, { alertname, ...labels });
    },
  );

  test.concurrent.each(
    severities.flatMap((severity) => audiences.map((audience) => [severity, audience] as const)),
  )('a %s for %s reaches whom it is for', async (severity, audience) => {
    await expectReceiver(`${audience}-${severity}`, { alertname: 'Other', severity, audience });
  });

  test('what has no severity is somebody’s all the same', async () => {
    await expectReceiver('platform-ticket', { alertname: 'Other' });
  });

  test('a message says what is wrong, with numbers, and where to read on', async () => {
    const render = await rendererOf('firing', [alertOf('resolved', 'B'), alertOf('firing', 'A')]);
    expect(await render('text')).toBe(
      ['resolved B', 'firing A']
        .map((pair) => pair.split(' '))
        .map(
          ([status = '', word = '']) =>
            `${status}: Summary ${word}\nDescription ${word}\nRunbook: https://docs.example/${word}\nDashboard: https://grafana.example/${word}\nSince: 2026-03-10 03:15 UTC\n\n`,
        )
        .join(''),
    );
  });

  test.each([
    {
      what: 'what fires, where something else is over',
      status: 'firing',
      alerts: [alertOf('resolved', 'B'), alertOf('firing', 'A')],
      title: '[FIRING 1] Summary A',
      color: 'danger',
    },
    {
      what: 'the first of several that fire',
      status: 'firing',
      alerts: [alertOf('resolved', 'B'), alertOf('firing', 'A'), alertOf('firing', 'C')],
      title: '[FIRING 2] Summary A, and 1 more',
      color: 'danger',
    },
    {
      what: 'the first of several that are over',
      status: 'resolved',
      alerts: [alertOf('resolved', 'A'), alertOf('resolved', 'B')],
      title: '[RESOLVED] Summary A, and 1 more',
      color: 'good',
    },
  ])('a message has the title and the links of $what', async (message) => {
    const render = await rendererOf(message.status, message.alerts);
    expect(await render('title')).toBe(message.title);
    expect(await render('runbook')).toBe('https://docs.example/A');
    expect(await render('dashboard')).toBe('https://grafana.example/A');
    expect(await render('color')).toBe(message.color);
  });
});

function alertOf(status: string, word: string) {
  return {
    status,
    labels: {},
    annotations: {
      summary: `Summary ${word}`,
      description: `Description ${word}`,
      runbook_url: `https://docs.example/${word}`,
      dashboard_url: `https://grafana.example/${word}`,
    },
    startsAt: '2026-03-10T04:15:00+01:00',
    endsAt: '0001-01-01T00:00:00Z',
  };
}

/** Renders templates by their names, as amtool does, of a message about these alerts. */
async function rendererOf(status: string, alerts: readonly ReturnType<typeof alertOf>[]) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-alertmanager-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const data = join(folder, 'data.json');
  await writeFile(data, JSON.stringify({ status, alerts }));
  return async (name: string): Promise<string> => {
    const { exitCode, output } = await runTool('amtool', [
      'template',
      'render',
      `--template.glob=${alertmanagerFile('sluice.tmpl')}`,
      `--template.text={{ template "sluice.${name}" . }}`,
      `--template.data=${data}`,
    ]);
    expect(exitCode, output).toBe(0);
    return output;
  };
}
