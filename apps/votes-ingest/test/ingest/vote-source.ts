/** The fields of a line as the JSON that stands behind their names; `undefined` leaves a field out. */
export type FieldSources = Readonly<Record<string, string | undefined>>;

/** A line of JSON with the fields of a good vote, some of them replaced, left out or added. */
export function voteSource(fields: FieldSources = {}): string {
  const sources: FieldSources = {
    Id: '"1"',
    PostId: '"7"',
    VoteTypeId: '"2"',
    CreationDate: '"2017-02-28T00:00:00.000"',
    ...fields,
  };
  const members = Object.entries(sources).flatMap(([name, source]) =>
    source === undefined ? [] : [`${JSON.stringify(name)}:${source}`],
  );
  return `{${members.join(',')}}`;
}

/** A good line with this Id. */
export function goodLine(id: number | bigint): string {
  return voteSource({ Id: `"${String(id)}"` });
}

/** Lines with a newline behind each, as one file. */
export function fileOf(lines: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
}
