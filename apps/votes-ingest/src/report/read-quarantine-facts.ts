import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

/** Of each reason so many entries are shown, and in all. */
const samplesPerReason = 3;
const maxSamples = 24;
/** A page shows the beginning of a record. */
const sampleCharacters = 2_000;

/** What is held back, and samples of it. */
export interface QuarantineFacts {
  readonly open: number;
  readonly oldestAt: Date | null;
  /** Most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly entries: number }[];
  /** The newest of each reason. */
  readonly samples: readonly z.infer<typeof sampleSchema>[];
}

const sampleSchema = z.object({
  id: z.int(),
  path: z.string(),
  line: z.int(),
  reason: z.string(),
  message: z.string(),
  // As bytes: as a text the client drops a byte order mark from its front.
  raw: z
    .instanceof(Uint8Array)
    .transform((bytes) => Buffer.from(bytes).toString('utf8'))
    .nullable(),
  rawBase64: z.string().nullable(),
});

/** The open entries of quarantine: counted, and a few of them. */
export async function readQuarantineFacts(warehouse: DuckDbWarehouse): Promise<QuarantineFacts> {
  const totals = await warehouse.row(
    z.object({ open: z.int(), oldestAt: z.date().nullable() }),
    `select count(*) as open, min(created_at) as oldestAt from ops.quarantine where state = 'open'`,
  );
  const reasons = await warehouse.rows(
    z.object({ reason: z.string(), entries: z.int() }),
    `select reason, count(*) as entries from ops.quarantine where state = 'open'
      group by reason order by entries desc, reason`,
  );
  const samples = await warehouse.rows(
    sampleSchema,
    `select id, path, line, reason, message, encode(left(raw, ${sampleCharacters})) as raw,
            left(raw_base64, ${sampleCharacters}) as rawBase64
       from (select * from ops.quarantine where state = 'open'
             qualify row_number() over (partition by reason order by id desc) <= ${samplesPerReason})
       join ops.file using (file_id)
      order by reason, id desc limit ${maxSamples}`,
  );
  return { ...totals, reasons, samples };
}
