import type { BodyRefusal } from './day-answer.ts';
import { decodeString, elementsOf, membersOf, skipSpace } from './json-text.ts';
import type { MemberSpan } from './json-text.ts';
import { oneLine } from './one-line.ts';

/** The object around the rows: where they begin, or why there are none to read. */
export type Envelope =
  | {
      readonly kind: 'envelope';
      /** Where the array `data` begins. */
      readonly dataFrom: number;
      readonly unknownFields: readonly string[];
    }
  | { readonly kind: 'refused'; readonly outcome: BodyRefusal; readonly message: string };

const knownFields: ReadonlySet<string> = new Set([
  'data',
  'rejected',
  'messages',
  'totalRows',
  'totalRowsWithFilter',
]);
/** The service's answers have five at most. */
const maxMembers = 100;
const maxMessageLength = 300;

/** Reads the members of an answer, each of which must be there once at most. */
export function readEnvelope(text: string): Envelope {
  const from = skipSpace(text, 0);
  if (from === text.length) {
    return refused('empty_body', 'the body is empty');
  }
  if (text[from] === '<') {
    return refused('html', `the body is a page, not JSON: ${oneLine(text.slice(from), 60)}`);
  }
  const parseError = findParseError(text);
  if (parseError !== undefined) {
    return refused('not_json', `the body is no JSON: ${parseError}`);
  }
  if (text[from] !== '{') {
    return refused('schema', `the body is ${quoteStart(text, from)}, not an object`);
  }
  const members = new Map<string, MemberSpan>();
  for (const member of membersOf(text, from)) {
    if (members.has(member.name)) {
      return refused('schema', `the answer has ${oneLine(JSON.stringify(member.name))} twice`);
    }
    members.set(member.name, member);
    if (members.size > maxMembers) {
      return refused('schema', `the answer has more than ${maxMembers} members`);
    }
  }
  return readMembers(text, members) ?? envelopeOf(text, { from, members });
}

function readMembers(text: string, members: ReadonlyMap<string, MemberSpan>): Envelope | undefined {
  const rejected = valueText(text, members.get('rejected'));
  if (rejected === 'true') {
    const said = messagesOf(text, members.get('messages'));
    return refused('rejected', `the service rejected the request: ${said}`);
  }
  return rejected === undefined || rejected === 'false' || rejected === 'null'
    ? undefined
    : refused('schema', `rejected is ${oneLine(rejected)}, neither true nor false`);
}

function envelopeOf(
  text: string,
  { from, members }: { readonly from: number; readonly members: ReadonlyMap<string, MemberSpan> },
): Envelope {
  const data = members.get('data');
  if (data === undefined) {
    return refused('schema', `the answer has no data: ${quoteStart(text, from)}`);
  }
  if (text[data.valueFrom] !== '[') {
    return refused(
      'schema',
      `data is ${quoteStart(text, data.valueFrom, data.valueTo)}, not an array`,
    );
  }
  const unknownFields = [...members.keys()].filter((name) => !knownFields.has(name));
  return {
    kind: 'envelope',
    dataFrom: data.valueFrom,
    unknownFields: unknownFields.map((name) => oneLine(name)),
  };
}

function messagesOf(text: string, member: MemberSpan | undefined): string {
  const raw = valueText(text, member);
  if (member === undefined || raw === undefined || raw === 'null') {
    return 'it does not say why';
  }
  if (!raw.startsWith('[')) {
    return oneLine(plainText(raw), maxMessageLength);
  }
  const messages: string[] = [];
  for (const { from, to } of elementsOf(text, member.valueFrom)) {
    messages.push(plainText(text.slice(from, Math.min(to, from + maxMessageLength)), to - from));
    if (messages.length === 10) {
      break;
    }
  }
  return oneLine(messages.join('; ') || 'it does not say why', maxMessageLength);
}

/** The content of a JSON string that is there in full, and the JSON text of anything else. */
function plainText(raw: string, fullLength = raw.length): string {
  return raw.startsWith('"') && raw.length === fullLength ? decodeString(raw) : raw;
}

function findParseError(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return oneLine(error instanceof Error ? error.message : String(error), maxMessageLength);
  }
}

function valueText(text: string, member: MemberSpan | undefined): string | undefined {
  return member && text.slice(member.valueFrom, member.valueTo);
}

function quoteStart(text: string, from: number, to = text.length): string {
  return oneLine(text.slice(from, Math.min(to, from + 200)), 60);
}

function refused(outcome: BodyRefusal, message: string): Envelope {
  return { kind: 'refused', outcome, message };
}
