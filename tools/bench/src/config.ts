const configuringPrefixes = ['SLUICE_', 'JAO_', 'NODE_', 'PG'];

/**
 * The environment of a measured process: this one's, without what would configure the apps
 * (`SLUICE_*`, `JAO_*`, `DATABASE_URL`), Node itself or the driver of Postgres (`PG*`). So the same command line measures the same work everywhere.
 */
export function measuredEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(
    ([name]) =>
      name !== 'DATABASE_URL' && !configuringPrefixes.some((prefix) => name.startsWith(prefix)),
  );
  return Object.fromEntries(kept);
}
