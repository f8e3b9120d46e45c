import { isUtf8 } from 'node:buffer';

import { readJsonRecord } from './strict-json.ts';
import type { RecordFields } from './strict-json.ts';
import { readXmlRecord } from './xml-row.ts';

/** How the lines of a file are read; the ledger has it of each file. */
export const recordFormats = ['json', 'xml'] as const;

/** A member of {@link recordFormats}. */
export type RecordFormat = (typeof recordFormats)[number];

/** Reads one line strictly; `undefined` for a line of XML that is none of its rows. */
export function readRecord(bytes: Buffer, format: RecordFormat): RecordFields | undefined {
  if (!isUtf8(bytes)) {
    return { breach: { reason: 'bad_encoding', message: 'the line is not valid UTF-8' } };
  }
  const text = bytes.toString('utf8');
  return format === 'xml' ? readXmlRecord(text) : readJsonRecord(text);
}
