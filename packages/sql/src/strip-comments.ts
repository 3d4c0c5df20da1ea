import { readCode, type Code } from './code.ts'

/**
 * Replaces each comment by a space (block comments keep their line breaks, so line numbers stay true). What is left can be
 * put inside brackets: a trailing `-- comment` would swallow the closing one.
 */
export function stripComments(sql: string | Code): string {
  return readCode(sql)
    .all.map(({ kind, text }) => (kind === 'comment' ? withoutComment(text) : text))
    .join('')
}

/** What is left of one comment: a space and its line breaks. */
export function withoutComment(text: string): string {
  return ` ${text.replace(/[^\n]+/g, '')}`
}
