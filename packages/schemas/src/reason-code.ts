import { z } from 'zod';

import { failedCheckReason } from './quarantine-model.ts';

/**
 * How a record breaks its contract; the first that applies, in this order.
 *
 * - `too_long`: the line is over 1 MiB.
 * - `bad_encoding`: the line is not valid UTF-8.
 * - `not_json`: the line can not be parsed in its file's format, JSON or the dump's XML.
 * - `not_an_object`: it parses, but is not one JSON object, or not one `<row>` element.
 * - `duplicate_key`: an object in it names a key twice, escapes resolved.
 * - `missing_field`: a required field is absent or null.
 * - `wrong_type`: a field is not of its type (`1.5`, `true`, `" 12 "` are no integers).
 * - `out_of_range`: an integer outside its field's range.
 * - `bad_timestamp`: a time stamp outside the accepted forms, or no real calendar day.
 */
export const quarantineReasons = [
  'too_long',
  'bad_encoding',
  'not_json',
  'not_an_object',
  'duplicate_key',
  'missing_field',
  'wrong_type',
  'out_of_range',
  'bad_timestamp',
] as const;

/** A member of {@link quarantineReasons}. */
export type QuarantineReason = (typeof quarantineReasons)[number];

/** Accepts exactly the members of {@link quarantineReasons}. */
export const quarantineReasonSchema = z.enum(quarantineReasons);

/**
 * Why an entry is in quarantine: a breach of its contract, or a check that held it back although it
 * keeps its contract.
 */
export const entryReasons = [...quarantineReasons, failedCheckReason] as const;

/** A member of {@link entryReasons}. */
export type EntryReason = (typeof entryReasons)[number];

/** Accepts exactly the members of {@link entryReasons}. */
export const entryReasonSchema = z.enum(entryReasons);
