import { readdir, readFile, writeFile, mkdir, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

import { shortenDurations } from '../src/shorten-durations.ts';

const exporter = new URL('../../../apps/metrics-exporter/', import.meta.url);

/** An hour is a minute; a quarter of one is what most alerts wait. */
const factor = 60;
/** As often as an exporter can be asked: half a second of each scrape is for the way. */
const scrapeInterval = '1s';

const prometheusFile = z.looseObject({
  global: z.looseObject({ scrape_interval: z.string() }),
  alerting: z.looseObject({}),
  scrape_configs: z.array(z.looseObject({ job_name: z.string() })),
});
const alertmanagerFile = z.looseObject({
  global: z.looseObject({}),
  receivers: z.array(z.looseObject({ name: z.string() })),
});

/**
 * Writes the rules as they are shipped into `folder`, and gives the configuration as it is shipped, both
 * with durations divided by sixty, and with the targets of these processes.
 */
export async function deriveMonitoring(
  folder: string,
  {
    targets,
    alertmanager,
  }: {
    /** Host and port by the name of the job. */
    readonly targets: Readonly<Record<string, string>>;
    /** Host and port. */
    readonly alertmanager: string;
  },
): Promise<unknown> {
  const source = new URL('prometheus/', exporter);
  for (const name of await readdir(source)) {
    if (name.endsWith('.rules.yml')) {
      const rules = shortenDurations(await readYaml(new URL(name, source)), { factor });
      // JSON is YAML.
      await writeFile(join(folder, name), JSON.stringify(rules));
    }
  }
  const example = await readYaml(new URL('prometheus.example.yml', source));
  const config = prometheusFile.parse(shortenDurations(example, { factor }));
  const targetsOf = (target: string | undefined) =>
    target === undefined ? [] : [{ targets: [target] }];
  return {
    ...config,
    global: { ...config.global, scrape_interval: scrapeInterval },
    alerting: {
      ...config.alerting,
      alertmanagers: [{ static_configs: targetsOf(alertmanager) }],
    },
    scrape_configs: config.scrape_configs.map((job) => ({
      ...job,
      static_configs: targetsOf(targets[job.job_name]),
    })),
  };
}

/**
 * Writes the configuration of Alertmanager as it is shipped into `folder`, and gives its path: with
 * durations divided by sixty, secrets in that folder, and the receiver in the place of Slack, PagerDuty and
 * of whatever is at a host of the domain `example`, which is its path there. E-mail is left out: nobody
 * takes it here.
 */
export async function deriveAlertmanager(folder: string, receiverUrl: string): Promise<string> {
  const source = new URL('alertmanager/', exporter);
  const secrets = join(folder, 'secrets');
  const shipped = await readFile(new URL('alertmanager.yml', source), 'utf8');
  await mkdir(secrets);
  for (const [, name = ''] of shipped.matchAll(/\/etc\/alertmanager\/secrets\/([\w-]+)/g)) {
    const secret = name === 'slack-url' ? `${receiverUrl}/slack` : `secret of ${name}`;
    await writeFile(join(secrets, name), secret, { mode: 0o600 });
  }
  await copyFile(new URL('sluice.tmpl', source), join(folder, 'sluice.tmpl'));
  const localText = shipped
    .replaceAll('/etc/alertmanager/secrets', secrets)
    .replaceAll(/https:\/\/([\w-]+)\.example/g, `${receiverUrl}/$1`);
  const config = alertmanagerFile.parse(
    shortenDurations(parse(localText, { merge: true }), { factor }),
  );
  const path = join(folder, 'alertmanager.yml');
  await writeFile(
    path,
    JSON.stringify({
      ...config,
      global: { ...config.global, pagerduty_url: `${receiverUrl}/pagerduty` },
      receivers: config.receivers.map((receiver) => ({ ...receiver, email_configs: [] })),
    }),
  );
  return path;
}

async function readYaml(url: URL): Promise<unknown> {
  return parse(await readFile(url, 'utf8'), { merge: true });
}
