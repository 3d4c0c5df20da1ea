const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for a UUID as we print them. Other texts from callers must not reach a uuid column: Postgres would call them errors. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}
