/** The code of an error, such as Node's `ENOENT`; without one `otherwise`, by default the error as text. */
export function errorCode(error: unknown, otherwise = String(error)): string {
  return error instanceof Error && 'code' in error ? String(error.code) : otherwise;
}
