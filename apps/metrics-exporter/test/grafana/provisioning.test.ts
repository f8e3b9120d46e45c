import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

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
    readonly datasources: readonly { readonly url: string }[];
  };
  expect(datasources).toMatchObject([{ type: 'prometheus', access: 'proxy', editable: false }]);
  expect(readme).toContain(`\`${datasources[0]?.url.slice(1) ?? ''}\``);
});
