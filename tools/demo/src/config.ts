/**
 * The environment of the commands that the demo runs: this process's, without what would lead them to
 * another service or database, and with `added`.
 */
export function environmentWith(
  added: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => name !== 'DATABASE_URL' && !name.startsWith('SLUICE_') && !name.startsWith('JAO_'),
  );
  return { ...Object.fromEntries(kept), ...added };
}
