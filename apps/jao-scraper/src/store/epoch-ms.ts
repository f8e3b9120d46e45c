/** SQL for an instant's milliseconds since 1970, as whole numbers, which node-postgres reads exactly. */
export function epochMs(instant: string): string {
  return `(extract(epoch from ${instant}) * 1000)::int8`;
}
