import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { readDashboards } from './read-dashboards.ts';

function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const readme = readText('README.md');

test('Grafana loads the dashboards from the folder that the README names, and keeps them as they are', () => {
  const { providers } = parse(readText('grafana/provisioning/dashboards/sluice.yml')) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  expect(providers).toMatchObject([{ type: 'file', disableDeletion: true, allowUiUpdates: false }]);
  expect(readme).toContain(`\`${providers[0]?.options.path ?? ''}\``);
});

test('Grafana asks the Prometheus that the variable of the README names', () => {
  const { datasources } = parse(readText('grafana/provisioning/datasources/prometheus.yml')) as {
    readonly datasources: readonly {
      readonly url: string;
      readonly jsonData: { readonly timeInterval: string };
    }[];
  };
  expect(datasources).toMatchObject([{ type: 'prometheus', access: 'proxy', editable: false }]);
  expect(readme).toContain(`\`${datasources[0]?.url.slice(1) ?? ''}\``);
  expect(parse(readText('prometheus/prometheus.example.yml'))).toMatchObject({
    global: { scrape_interval: datasources[0]?.jsonData.timeInterval },
  });
});

test('every alert leads to a dashboard that there is', () => {
  const uids = readDashboards().map(({ uid }) => uid);
  const rules = readdirSync(new URL('../../prometheus', import.meta.url))
    .filter((name) => name.endsWith('.rules.yml'))
    .map((name) => readText(`prometheus/${name}`))
    .join('');
  const opened = [...rules.matchAll(/\bd\/([\w-]+)/g)].map(([, uid]) => uid);
  expect(opened).toHaveLength([...rules.matchAll(/- alert: /g)].length);
  expect(uids).toEqual(expect.arrayContaining(opened));
});
