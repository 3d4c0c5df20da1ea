/** SQL without what would stand between it and our own FORMAT: a FORMAT at its end, and a last semicolon. */
export function withoutFormat(sql: string): string {
  const text = sql.trimEnd().replace(/;$/, '').trim()
  return text.replace(/\s+FORMAT\s+\w+$/i, '')
}
