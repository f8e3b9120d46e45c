import { types } from 'pg';
import type { CustomTypesConfig } from 'pg';

const int8Oid = 20;
const dateOid = 1082;
const timestampOid = 1114;
const int8ArrayOid = 1016;
const dateArrayOid = 1182;
const timestampArrayOid = 1115;
const textArrayOid = 1009;

/**
 * How values come out of Postgres, for all queries: int8 as number where a number holds it exactly
 * and as bigint where not, timestamptz as Date, date and timestamp as the text that Postgres
 * writes (they have no zone to make an instant of), numeric as text, bytea as Buffer, the rest as
 * the driver does.
 */
export const typeParsers: CustomTypesConfig = { getTypeParser };

type Parser = (text: string) => unknown;

function getTypeParser(oid: number, format?: 'text' | 'binary'): Parser {
  const parser = format === 'binary' ? undefined : textParsers.get(oid);
  return parser ?? driverParser(oid, format);
}

/** The driver's list of types is an enum that lacks most of them, arrays among them. */
const driverParser: (oid: number, format?: 'text' | 'binary') => Parser = types.getTypeParser;
const readTextArray = driverParser(textArrayOid);

const textParsers: ReadonlyMap<number, Parser> = new Map<number, Parser>([
  [int8Oid, narrowInteger],
  [dateOid, asWritten],
  [timestampOid, asWritten],
  [dateArrayOid, readTextArray],
  [timestampArrayOid, readTextArray],
  [
    int8ArrayOid,
    (text) => {
      const items = readTextArray(text);
      return Array.isArray(items)
        ? items.map((item: unknown) => (typeof item === 'string' ? narrowInteger(item) : item))
        : items;
    },
  ],
]);

function asWritten(text: string): string {
  return text;
}

function narrowInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
