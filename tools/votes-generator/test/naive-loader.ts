import { maxLineBytes, parseVote, quarantineReasons } from '@sluice/schemas';
import type { FieldSource, QuarantineReason } from '@sluice/schemas';

import type { VotesFormat, VotesTotals } from '../src/index.ts';

/** What a line is: the six columns of a vote as one text, with its Id; or why it is none. */
export type LineVerdict =
  { readonly id: bigint; readonly columns: string } | { readonly reason: QuarantineReason };

interface ParsedFields {
  readonly fields: ReadonlyMap<string, FieldSource>;
  readonly hasDuplicateKey: boolean;
}

/** Joins the chunks of a file. */
export function joinChunks(chunks: Iterable<Uint8Array>): Buffer {
  return Buffer.concat([...chunks]);
}

/** The lines of a file without their ends; a byte order mark is no part of the first. */
export function splitLines(file: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = file.subarray(0, 3).toString('hex') === 'efbbbf' ? 3 : 0;
  while (start < file.length) {
    const newline = file.indexOf('\n', start);
    const end = newline === -1 ? file.length : newline;
    const line = file.subarray(start, end);
    lines.push(line.at(-1) === 0x0d ? line.subarray(0, -1) : line);
    start = end + 1;
  }
  return lines;
}

/** The lines that are records: not blank, and for XML no part of the frame. */
export function recordLines(file: Buffer, format: VotesFormat = 'jsonl'): Buffer[] {
  const isFrame = (line: Buffer) =>
    format === 'xml' && /^<(\?xml|\/?votes)/.test(line.subarray(0, 16).toString('latin1'));
  return splitLines(file).filter(
    (line) => line.some((byte) => byte !== 0x20 && byte !== 0x09) && !isFrame(line),
  );
}

/** Counts a file line by line as the design says, with a map of all votes and nothing clever. */
export function countNaively(file: Buffer, format: VotesFormat = 'jsonl'): VotesTotals {
  const byReason = Object.fromEntries(quarantineReasons.map((reason) => [reason, 0])) as Record<
    // All reasons were just entered.
    QuarantineReason,
    number
  >;
  const totals = { read: 0, accepted: 0, duplicate: 0, conflicting: 0, quarantined: 0 };
  const holders = new Map<bigint, string>();
  for (const line of recordLines(file, format)) {
    totals.read += 1;
    const verdict = judgeLine(line, format);
    if ('reason' in verdict) {
      totals.quarantined += 1;
      byReason[verdict.reason] += 1;
      continue;
    }
    const holder = holders.get(verdict.id);
    if (holder === undefined) totals.accepted += 1;
    else if (holder === verdict.columns) totals.duplicate += 1;
    else totals.conflicting += 1;
    holders.set(verdict.id, verdict.columns);
  }
  return { ...totals, byReason };
}

/** Judges one line with the platform's own parsers and the contract. */
export function judgeLine(line: Uint8Array, format: VotesFormat = 'jsonl'): LineVerdict {
  if (line.length > maxLineBytes) return { reason: 'too_long' };
  const text = decode(line);
  if (text === undefined) return { reason: 'bad_encoding' };
  const parsed = format === 'xml' ? parseRow(text) : parseObject(text);
  if (typeof parsed === 'string') return { reason: parsed };
  if (parsed.hasDuplicateKey) return { reason: 'duplicate_key' };
  const result = parseVote(parsed.fields);
  if ('breach' in result) return { reason: result.breach.reason };
  const { vote } = result;
  return { id: vote.Id, columns: Object.values(vote).map(String).join(' ') };
}

function decode(line: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): ParsedFields | 'not_json' | 'not_an_object' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not_json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not_an_object';

  // The text is valid JSON, so that its tokens can be told apart by their first characters.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  const fields = new Map<string, FieldSource>();
  const keysByObject: Set<string>[] = [];
  let hasDuplicateKey = false;
  for (const [index, token] of tokens.entries()) {
    if (token === '{') keysByObject.push(new Set());
    if (token === '}') keysByObject.pop();
    if (tokens[index + 1] !== ':') continue;
    const key = String(JSON.parse(token));
    const keys = keysByObject.at(-1);
    hasDuplicateKey ||= keys?.has(key) ?? false;
    keys?.add(key);
    if (keysByObject.length === 1) fields.set(key, fieldSource(tokens[index + 2] ?? ''));
  }
  return { fields, hasDuplicateKey };
}

function fieldSource(token: string): FieldSource {
  if (token.startsWith('"')) return { kind: 'string', text: String(JSON.parse(token)) };
  if (token === 'null') return { kind: 'null', text: token };
  return { kind: /^[-\d]/.test(token) ? 'number' : 'other', text: token };
}

function parseRow(text: string): ParsedFields | 'not_json' | 'not_an_object' {
  const element = /^\s*<(\w+)((?:\s+\w+="[^"<&]*")*)\s*\/>\s*$/.exec(text);
  if (element === null) return 'not_json';
  if (element[1] !== 'row') return 'not_an_object';
  const attributes = [...(element[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)];
  const fields = new Map<string, FieldSource>(
    attributes.map(([, name = '', value = '']) => [name, { kind: 'string', text: value }]),
  );
  return { fields, hasDuplicateKey: fields.size < attributes.length };
}
