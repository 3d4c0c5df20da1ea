import { readCode, type Code } from './code.ts'

/** Where a text cannot be read (unclosed string or comment, stray character), with its place; null when every token is known. */
export interface SqlError {
  /** UTF-16 offset. */
  readonly at: number
  /** 1-based. */
  readonly line: number
  readonly near: string
}

/** Finds the first place where ClickHouse's lexer would stop. A text with one must never be sent or spliced. */
export function findSqlError(text: string | Code): SqlError | null {
  const { sql, all } = readCode(text)
  const token = all.find(({ kind }) => kind === 'error')
  if (token === undefined) return null
  const line = sql.slice(0, token.start).split('\n').length
  return { at: token.start, line, near: token.text.slice(0, 20) }
}
