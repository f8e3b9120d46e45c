/**
 * The environment of a measured process: this one's, without what would configure the apps
 * (`SLUICE_*`) or Node itself. So the same command line measures the same work everywhere.
 */
export function measuredEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  const kept = Object.entries(environment).filter(
    ([name]) => !name.startsWith('SLUICE_') && !name.startsWith('NODE_'),
  );
  return Object.fromEntries(kept);
}
