/** A value that JSON and CSV can carry; an integer that no number holds exactly is a bigint. */
export type CellValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly CellValue[]
  | { readonly [name: string]: CellValue };

/** For `JSON.stringify`: an integer beyond 2^53 as text, since few readers of JSON hold it exactly. */
export function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
