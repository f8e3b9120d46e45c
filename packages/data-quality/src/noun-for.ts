/** The noun behind a number: `day` behind 1, `days` behind any other. */
export function nounFor(count: number | bigint, one: string, several = `${one}s`): string {
  return Number(count) === 1 ? one : several;
}
