import type { ContractBreach, FieldSource } from '@sluice/schemas';
import { SaxesParser } from 'saxes';

import type { RecordFields } from './strict-json.ts';

const byteOrderMark = '\uFEFF';

/**
 * Reads one line of the public dump's XML: a `<row …/>` element alone, its attributes as fields.
 * `undefined` for the lines around the rows: the declaration, and the root element's two tags.
 */
export function readXmlRecord(text: string): RecordFields | undefined {
  if (/^(?:<\?xml\b[^>]*\?>\s*)?(?:<\/?votes\s*\/?>)?(?:<\/votes\s*>)?$/i.test(text.trim())) {
    return undefined;
  }
  if (text.startsWith(byteOrderMark)) {
    // saxes passes over one at the beginning; here that is the middle of a file.
    return { breach: { reason: 'not_json', message: 'the line begins with a byte order mark' } };
  }
  const fields = new Map<string, FieldSource>();
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    names.push(tag.name);
    for (const [name, value] of Object.entries(tag.attributes)) {
      fields.set(name, { kind: 'string', text: value });
    }
  });
  try {
    // Without a handler for errors the first one is thrown: going on takes seconds for a long line.
    parser.write(text).close();
  } catch (cause) {
    return { breach: breachOf(cause instanceof Error ? cause.message : String(cause)) };
  }
  return names.length === 1 && names[0] === 'row'
    ? { fields }
    : { breach: { reason: 'not_an_object', message: 'the line is not one <row> element' } };
}

function breachOf(message: string): ContractBreach {
  // saxes has no codes for its errors.
  const isDoubled = /duplicate attribute/i.test(message);
  const where = message.slice(0, 200);
  return isDoubled
    ? { reason: 'duplicate_key', message: where }
    : { reason: 'not_json', message: `the line is not well-formed XML: ${where}` };
}
