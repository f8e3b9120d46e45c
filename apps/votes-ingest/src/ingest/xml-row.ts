import type { ContractBreach, FieldSource } from '@sluice/schemas';
import { SaxesParser } from 'saxes';

import type { RecordFields } from './strict-json.ts';

/**
 * Reads one line of the public dump's XML: a `<row …/>` element alone, its attributes as fields.
 * `undefined` for the lines around the rows: the declaration, and the root element's two tags.
 */
export function readXmlRecord(text: string): RecordFields | undefined {
  const line = text.trim();
  if (/^(?:<\?xml\b[^>]*\?>\s*)?(?:<\/?votes\s*>)?$/i.test(line)) {
    return undefined;
  }
  const fields = new Map<string, FieldSource>();
  const names: string[] = [];
  let failure: Error | undefined;
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    failure ??= error;
  });
  parser.on('opentag', (tag) => {
    names.push(tag.name);
    for (const [name, value] of Object.entries(tag.attributes)) {
      fields.set(name, { kind: 'string', text: value });
    }
  });
  parser.write(line).close();
  if (failure !== undefined) {
    return { breach: breachOf(failure.message) };
  }
  return names.length === 1 && names[0] === 'row'
    ? { fields }
    : { breach: { reason: 'not_an_object', message: 'the line is not one <row> element' } };
}

function breachOf(message: string): ContractBreach {
  // saxes reports a doubled attribute by this word, and goes on.
  const isDoubled = /duplicate attribute/i.test(message);
  const where = message.slice(0, 200);
  return isDoubled
    ? { reason: 'duplicate_key', message: where }
    : { reason: 'not_json', message: `the line is not well-formed XML: ${where}` };
}
