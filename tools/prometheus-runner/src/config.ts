/** The folders that programs are looked for in. */
export function searchPath(): string {
  return process.env['PATH'] ?? '';
}
