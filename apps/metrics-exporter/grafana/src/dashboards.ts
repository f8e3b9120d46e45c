import { datasetDashboard } from './dataset-dashboard.ts';
import { ingestDashboard } from './ingest-dashboard.ts';
import { overviewDashboard } from './overview-dashboard.ts';
import { qualityDashboard } from './quality-dashboard.ts';
import { sourceDashboard } from './source-dashboard.ts';

/** The dashboards by the names of their files, as `npm run dashboards` writes them. */
export function buildDashboards(): Readonly<Record<string, string>> {
  const dashboards = {
    'overview.json': overviewDashboard(),
    'dataset.json': datasetDashboard(),
    'ingest.json': ingestDashboard(),
    'source.json': sourceDashboard(),
    'quality.json': qualityDashboard(),
  };
  return Object.fromEntries(
    Object.entries(dashboards).map(([name, dashboard]) => [
      name,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}
