/** What files that are given by mistake begin with, and what to do with them. */
const kinds: readonly (readonly [firstBytes: RegExp, hint: string])[] = [
  [/^(?:fffe|feff|00(?!00)|(?!00)..00)/, 'looks like UTF-16: iconv -f UTF-16 -t UTF-8 converts it'],
  [/^5b/, "looks like a JSON array: jq -c '.[]' writes one object a line"],
  [/^1f8b/, 'looks like gzip in a compressed file: unpack it once'],
  [/^504b0304/, 'looks like a zip archive: unpack it'],
  [/^fd377a585a00/, 'looks like xz: unpack it'],
  [/^425a68/, 'looks like bzip2: unpack it'],
  [/^50415231/, 'looks like Parquet'],
];

/** Says that a file is none of votes, and what it may be, by its first bytes. */
export function describeForeignFile(read: number, firstBytes: Uint8Array): string {
  const hex = Buffer.from(firstBytes).toString('hex');
  const hint = kinds.find(([pattern]) => pattern.test(hex))?.[1];
  return (
    `none of its first ${read} records is a JSON object or a <row> element: ` +
    `it is no file of votes${hint === undefined ? '' : `; it ${hint}`}`
  );
}
