/** SQL without what would stand between it and our own FORMAT: one at its end, and a last semicolon or comment. */
export function withoutFormat(sql: string): string {
  const text = sql.trim().replace(/;\s*$/, '')
  return text.replace(/\s+FORMAT\s+\w+\s*$/i, '')
}
