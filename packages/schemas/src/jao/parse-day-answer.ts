import { readEnvelope } from './answer-envelope.ts';
import { AnswerScan } from './answer-scan.ts';
import type { BusinessDay, DatasetContract } from './dataset-contract.ts';
import type { DayAnswer } from './day-answer.ts';
import { buildDayTable } from './day-table.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { scanAnyRows } from './scan-any-rows.ts';
import type { FieldKinds } from './scan-any-rows.ts';
import { plainStart, scanPlainRows } from './scan-plain-rows.ts';

/** What the service writes behind the rows has about 50 characters. */
const maxTailLength = 2000;

const fieldsByContract = new WeakMap<DatasetContract, FieldKinds>();

/**
 * Reads the body of an HTTP 200 that was asked for one business day of one dataset: one parser for
 * every number from outside. A value is exactly the double that its JSON text stands for.
 *
 * What breaks the contract in a cell or a row goes to the table's `quarantined`, and costs no other
 * cell; a body that is no day of any dataset is refused, with an outcome for its attempt and a message
 * of one line.
 *
 * @throws {RangeError} `day` is no calendar day.
 */
export function parseDayAnswer(
  contract: DatasetContract,
  day: BusinessDay,
  bytes: Uint8Array,
): DayAnswer {
  const text = decodeUtf8(bytes);
  return text === undefined
    ? { kind: 'refused', outcome: 'not_json', message: 'the body is no JSON: it is not UTF-8' }
    : (parsePlainAnswer(contract, day, text) ?? parseAnyAnswer(contract, day, text));
}

/**
 * Reads an answer that is written as the service writes, in a fraction of the time; `undefined` for
 * any other. What it gives is what {@link parseAnyAnswer} would have given.
 */
export function parsePlainAnswer(
  contract: DatasetContract,
  day: BusinessDay,
  text: string,
): DayAnswer | undefined {
  const plain = scanPlainRows(text, fieldKinds(contract));
  if (plain === undefined || text.length - plain.endOfRows > maxTailLength) {
    return undefined;
  }
  const envelope = readEnvelope(`${plainStart}]${text.slice(plain.endOfRows)}`);
  return envelope.kind === 'refused'
    ? undefined
    : { kind: 'day', table: buildDayTable({ ...envelope, ...plain, contract, day, text }) };
}

/** Reads any text, by the rules alone. */
export function parseAnyAnswer(
  contract: DatasetContract,
  day: BusinessDay,
  text: string,
): DayAnswer {
  const envelope = readEnvelope(text);
  if (envelope.kind === 'refused') {
    return envelope;
  }
  const scan = new AnswerScan();
  const fields = fieldKinds(contract);
  const refusal = scanAnyRows(scan, text, { dataFrom: envelope.dataFrom, fields });
  return refusal === undefined
    ? { kind: 'day', table: buildDayTable({ ...envelope, contract, day, text, scan }) }
    : { kind: 'refused', outcome: 'schema', message: refusal };
}

function fieldKinds(contract: DatasetContract): FieldKinds {
  const known = fieldsByContract.get(contract);
  if (known !== undefined) {
    return known;
  }
  const fields: FieldKinds = new Map([
    ...contract.otherFields.map((name) => [name, 'other'] as const),
    ['id', 'id'],
    ['dateTimeUtc', 'time'],
    ['lastModifiedOn', 'modified'],
  ]);
  fieldsByContract.set(contract, fields);
  return fields;
}
