/** A short key of a row by what is in it, for the address: rows of logs have no ids. */
export function rowKey(row: Readonly<Record<string, unknown>>): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (const character of JSON.stringify(row)) {
    const code = character.codePointAt(0) ?? 0
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  return `r${(a >>> 0).toString(36)}${(b >>> 0).toString(36)}`
}
