import { join } from 'node:path';

import { startServerProcess } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

/**
 * Starts Alertmanager alone, with the configuration in a file; its data goes into `folder`.
 *
 * @throws {ServerError} where it does not start, as for a configuration that is wrong.
 */
export function startAlertmanager({
  folder,
  configFile,
}: {
  readonly folder: string;
  readonly configFile: string;
}): Promise<ServerProcess> {
  return startServerProcess('alertmanager', [
    `--config.file=${configFile}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    '--cluster.listen-address=',
  ]);
}
