import { checkpointAndReport } from '../../src/warehouse/status.ts';
import type { LoadedWarehouse } from '../loaded-warehouse.ts';

/**
 * Makes of lines that broke their contract such as keep it, and were held back by a check: as a check
 * leaves them.
 */
export async function holdBack(
  loaded: LoadedWarehouse,
  texts: Readonly<Record<number, string>>,
  { fileId = 1, checkId = 'votes.bounty.plausible' } = {},
): Promise<void> {
  await loaded.use('write', async (warehouse) => {
    for (const [line, text] of Object.entries(texts)) {
      await warehouse.run(
        `update ops.quarantine
            set reason = 'failed_check', check_id = '${checkId}', raw = '${text}',
                message = 'failed the check ${checkId}'
          where file_id = ${fileId} and line = ${line}`,
      );
    }
    await checkpointAndReport(warehouse, new Date());
  });
}
