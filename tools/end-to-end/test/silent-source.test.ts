import { findProgram } from '@sluice/prometheus-runner';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { z } from 'zod';

import { dataset, withMonitoredStack } from './monitored-stack.ts';
import type { MonitoredStack } from './monitored-stack.ts';
import { expectPanelsOfWorkers } from './panels.ts';
import { pagerDutyEvent, slackMessage, webhookMessage } from './webhook-receiver.ts';

/** A dozen processes are started, and alerts wait, at sixty times the pace of production. */
const timeoutMs = 600_000;
/** For what follows by itself: an alert waits for a quarter of a minute, on a machine that is busy. */
const patience = { timeout: 120_000, interval: 200 };
const needs = ['prometheus', 'promtool', 'alertmanager'] as const;
const notProvided = `${dataset} lacks cells that the source did not provide`;
const docs = 'https://git.example/sluice/blob/main/docs/runbooks';

test.skipIf(needs.some((program) => findProgram(program) === undefined))(
  'who can mend it is told when a day does not come, in the right words, and when it has come (needs prometheus and prometheus-alertmanager, as Debian calls the packages)',
  { timeout: timeoutMs },
  async () => {
    await withMonitoredStack(async (stack) => {
      await expectSoundMetrics(stack);
      await expectPageForOurFault(stack);
      await expectPanelsOfWorkers(stack.prometheus, patience);
      stack.simulator.clearFaults();
      await expectTicketForTheirs(stack);
      stack.simulator.postpone(dataset, stack.newest, Date.now());
      await expectResolved(stack);
    });
  },
);

/** What exporter and worker tell is as their makers want it. */
async function expectSoundMetrics({ metricsUrls }: MonitoredStack): Promise<void> {
  for (const [job, url] of Object.entries(metricsUrls)) {
    const input = await (await fetch(url)).text();
    expect(input).toContain('sluice_build_info');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect({ job, ...checked }).toMatchObject({ job, status: 0, stdout: '', stderr: '' });
  }
}

/** The source has not answered since the day was due: whoever runs Sluice is called, and nobody else. */
async function expectPageForOurFault(stack: MonitoredStack): Promise<void> {
  const words = new RegExp(
    [
      `${dataset} has cells that we did not collect`,
      String.raw`Cells of the 7 newest due business days that are due, their grace over, .*: \d+\. .*`,
      `Runbook: ${docs}/not-collected.md`,
    ].join('\n'),
  );
  const page = await waitFor(
    stack,
    '/pagerduty',
    pagerDutyEvent,
    ({ event_action: action, payload }) =>
      action === 'trigger' && words.test(payload.custom_details.what),
  );
  expect(page).toMatchObject({
    routing_key: 'secret of pagerduty-platform-key',
    payload: { severity: 'critical' },
  });
  await waitFor(
    stack,
    '/slack',
    slackMessage,
    ({ channel, attachments }) => channel === '#sluice-platform' && words.test(textOf(attachments)),
  );
  const ofData = readMessages(stack, '/slack', slackMessage).filter(
    ({ channel, attachments }) =>
      channel === '#sluice-data' && textOf(attachments).includes(dataset),
  );
  expect(ofData).toEqual([]);
}

/** The source answers, without the day: the call is over, and whoever answers for the data has a ticket. */
async function expectTicketForTheirs(stack: MonitoredStack): Promise<void> {
  const [page] = readMessages(stack, '/pagerduty', pagerDutyEvent);
  await waitFor(
    stack,
    '/pagerduty',
    pagerDutyEvent,
    ({ event_action: action, dedup_key: key }) => action === 'resolve' && key === page?.dedup_key,
  );
  const ticket = await waitForTicket(stack, 'firing');
  expect(ticket).toMatchObject({
    receiver: 'data-ticket',
    alerts: [
      {
        labels: { dataset, severity: 'ticket', audience: 'data', job: 'sluice-exporter' },
        annotations: { summary: notProvided, runbook_url: `${docs}/not-provided.md` },
      },
    ],
  });
  expect(ticket.alerts[0]?.annotations['description']).toMatch(
    /^Cells of the 7 newest due business days without which .*: \d+\.$/,
  );
  await waitForTitle(stack, `[FIRING 1] ${notProvided}`);
}

/** The day has come: everybody is told so who was told that it had not. */
async function expectResolved(stack: MonitoredStack): Promise<void> {
  await waitForTicket(stack, 'resolved');
  await waitForTitle(stack, `[RESOLVED] ${notProvided}`);
  const active = await stack.prometheus.activeAlerts();
  expect(active.filter(({ labels }) => labels['severity'] === 'page')).toEqual([]);
  expect(await stack.prometheus.ruleErrors()).toEqual([]);
}

function waitForTitle(stack: MonitoredStack, title: string) {
  return waitFor(
    stack,
    '/slack',
    slackMessage,
    ({ channel, attachments }) =>
      channel === '#sluice-data' && attachments.some((each) => each.title === title),
  );
}

function waitForTicket(stack: MonitoredStack, status: 'firing' | 'resolved') {
  return waitFor(
    stack,
    '/tickets/hooks/alertmanager',
    webhookMessage,
    (message) =>
      message.status === status &&
      message.alerts.some(({ labels }) => labels['alertname'] === 'SluiceCellsNotProvided'),
  );
}

function textOf(attachments: z.infer<typeof slackMessage>['attachments']): string {
  return attachments.map(({ text }) => text).join('\n');
}

/** The first message to a service that is as wanted. */
async function waitFor<Shape extends z.ZodType>(
  stack: MonitoredStack,
  path: string,
  shape: Shape,
  isWanted: (message: z.infer<Shape>) => boolean,
): Promise<z.infer<Shape>> {
  const find = () => readMessages(stack, path, shape).filter(isWanted);
  await expect.poll(() => find().length, patience).toBeGreaterThan(0);
  const [message] = find();
  return shape.parse(message);
}

function readMessages<Shape extends z.ZodType>(
  { messages }: MonitoredStack,
  wanted: string,
  shape: Shape,
): z.infer<Shape>[] {
  return messages.filter(({ path }) => path === wanted).map(({ body }) => shape.parse(body));
}
