import type { ResolvedVotesOptions } from './votes-options.ts';

/** Keys in the order of the real file, where UserId and BountyAmount stand between others. */
const jsonFieldNames = [
  'Id',
  'UserId',
  'PostId',
  'VoteTypeId',
  'BountyAmount',
  'CreationDate',
] as const;

/** Attributes in the order of the public dump. */
const xmlFieldNames = [
  'Id',
  'PostId',
  'VoteTypeId',
  'UserId',
  'CreationDate',
  'BountyAmount',
] as const;

/** A field of a vote. */
export type VoteFieldName = (typeof jsonFieldNames)[number];

/** How the lines of a format look: what stands before, between and after the values. */
export interface VoteLayout {
  readonly fieldNames: readonly VoteFieldName[];
  /** What stands before the first line and after the last. */
  readonly fileStart: readonly string[];
  readonly fileEnd: readonly string[];
  readonly lineStart: string;
  readonly separator: string;
  readonly lineEnd: string;
  /** The name of a field up to its value's quote. */
  readonly nameOf: (field: string) => string;
  /** What encloses an integer: a quote or nothing. All other values are quoted. */
  readonly integerQuote: string;
}

const xmlLayout: VoteLayout = {
  fieldNames: xmlFieldNames,
  fileStart: ['<?xml version="1.0" encoding="utf-8"?>', '<votes>'],
  fileEnd: ['</votes>'],
  lineStart: '  <row ',
  separator: ' ',
  lineEnd: ' />',
  nameOf: (field) => `${field}=`,
  integerQuote: '"',
};

/** The layout of a file's lines. */
export function layoutOf({
  format,
  values,
}: Pick<ResolvedVotesOptions, 'format' | 'values'>): VoteLayout {
  if (format === 'xml') return xmlLayout;
  return {
    fieldNames: jsonFieldNames,
    fileStart: [],
    fileEnd: [],
    lineStart: '{',
    separator: ',',
    lineEnd: '}',
    nameOf: (field) => `"${field}":`,
    integerQuote: values === 'number' ? '' : '"',
  };
}
