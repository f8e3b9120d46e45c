import type { QuarantineReason } from './reason-code.ts';
import { parseUtcTimestamp } from './utc-timestamp.ts';
import { voteFields } from './vote-contract.ts';
import type { IntegerField, Vote } from './vote-contract.ts';

/** A field's value as its source wrote it: `text` is the digits, or the string's content. */
export interface FieldSource {
  readonly kind: 'number' | 'string' | 'null' | 'other';
  readonly text: string;
}

/** What breaks the contract, in words that name the field and the value. */
export interface ContractBreach {
  readonly reason: QuarantineReason;
  readonly message: string;
}

/** A vote with the names of the fields its contract does not know, or what breaks the contract. */
export type ParsedVote =
  | { readonly vote: Vote; readonly unknownFields: readonly string[] }
  | { readonly breach: ContractBreach };

const integerPattern = /^-?(?:0|[1-9][0-9]*)$/;
/** Digits of 2^63 and its sign: a longer text is out of every range, and costs time to convert. */
const maxIntegerTextLength = 20;
/** A message quotes this many characters of a value at most. */
const quotedLength = 60;

const knownFields: ReadonlySet<string> = new Set(voteFields.map((field) => field.name));

/**
 * Checks the fields of one record against the contract of a vote, in the order of the contract.
 * Integers are a JSON integer or a string of `-?(0|[1-9][0-9]*)`; null is absent.
 */
export function parseVote(fields: ReadonlyMap<string, FieldSource>): ParsedVote {
  const values = new Map<string, bigint>();
  for (const field of voteFields) {
    const source = fields.get(field.name);
    if (source === undefined || source.kind === 'null') {
      if (field.required) {
        return breach('missing_field', `${field.name} is ${source ? 'null' : 'absent'}`);
      }
      continue;
    }
    const value = field.kind === 'integer' ? parseInteger(field, source) : parseInstant(source);
    if (typeof value !== 'bigint') {
      return breach(value.reason, `${field.name}: ${value.message}`);
    }
    values.set(field.name, value);
  }
  return {
    vote: {
      Id: required(values, 'Id'),
      PostId: required(values, 'PostId'),
      VoteTypeId: Number(required(values, 'VoteTypeId')),
      UserId: values.get('UserId') ?? null,
      CreationDate: required(values, 'CreationDate'),
      BountyAmount: values.has('BountyAmount') ? Number(values.get('BountyAmount')) : null,
    },
    unknownFields: [...fields.keys()].filter((name) => !knownFields.has(name)),
  };
}

function required(values: ReadonlyMap<string, bigint>, name: string): bigint {
  const value = values.get(name);
  if (value === undefined) {
    throw new TypeError(`the contract of a vote must make ${name} required`);
  }
  return value;
}

function parseInteger(field: IntegerField, source: FieldSource): bigint | ContractBreach {
  if ((source.kind !== 'number' && source.kind !== 'string') || !integerPattern.test(source.text)) {
    return { reason: 'wrong_type', message: `${quote(source)} is no integer` };
  }
  const value = source.text.length > maxIntegerTextLength ? undefined : BigInt(source.text);
  if (value !== undefined && value === field.sentinel) {
    return value;
  }
  if (value === undefined || value < field.min || value > field.max) {
    const sentinel = field.sentinel === undefined ? '' : `${String(field.sentinel)} or `;
    const range = `${sentinel}${String(field.min)} to ${String(field.max)}`;
    return { reason: 'out_of_range', message: `${quote(source)} is not in ${range}` };
  }
  return value;
}

function parseInstant(source: FieldSource): bigint | ContractBreach {
  if (source.kind !== 'string') {
    return { reason: 'wrong_type', message: `${quote(source)} is no string` };
  }
  return (
    parseUtcTimestamp(source.text) ?? {
      reason: 'bad_timestamp',
      message: `${quote(source)} is no time stamp of the form 2021-09-04T00:00:00.000`,
    }
  );
}

function quote(source: FieldSource): string {
  const cut =
    source.text.length > quotedLength ? `${source.text.slice(0, quotedLength)}…` : source.text;
  return source.kind === 'string' ? JSON.stringify(cut) : cut;
}

function breach(reason: QuarantineReason, message: string): ParsedVote {
  return { breach: { reason, message } };
}
