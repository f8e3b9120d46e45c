import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';

import { datasource } from './panels.ts';

/** Where the files of this repository are read, unless the reader of a dashboard says otherwise. */
const docsUrl = 'https://sluice.example';

/** What every dashboard asks for: the Prometheus, and the exporters that it scrapes. */
export function commonVariables(): VariableModel[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus').build(),
    choice({
      name: 'job',
      label: 'Job',
      values: 'label_values(sluice_exporter_collector_success, job)',
    }),
    choice({
      name: 'instance',
      label: 'Instance',
      values: 'label_values(sluice_exporter_collector_success{job=~"$job"}, instance)',
    }),
    new TextBoxVariableBuilder('docs_url')
      .label('Documentation')
      .description('Where the files of the repository are read, for links to runbooks.')
      .defaultValue(docsUrl)
      .build(),
  ];
}

/** The workers, which tell of their own processes. */
export function workerVariables(): VariableModel[] {
  return [
    choice({
      name: 'worker_job',
      label: 'Job of workers',
      values: 'label_values(sluice_worker_heartbeat_timestamp_seconds, job)',
    }),
    choice({
      name: 'worker_instance',
      label: 'Worker',
      values:
        'label_values(sluice_worker_heartbeat_timestamp_seconds{job=~"$worker_job"}, instance)',
    }),
  ];
}

/**
 * The values of a label, of which the reader chooses: any number, or with `isSingle` one. All are those that
 * are listed, not any: exporters and workers have metrics of the same names.
 */
export function choice({
  name,
  label,
  values,
  isSingle = false,
}: {
  readonly name: string;
  readonly label: string;
  /** `label_values(metric, label)` */
  readonly values: string;
  readonly isSingle?: boolean;
}): VariableModel {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .definition(values)
    .query({ query: values, refId: `values of ${name}` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(!isSingle)
    .includeAll(!isSingle)
    .build();
}
