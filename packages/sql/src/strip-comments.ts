import { tokenize } from './tokenize.ts'

/**
 * Replaces each comment by a space (block comments keep their line breaks, so line numbers stay true). What is left can be
 * put inside brackets: a trailing `-- comment` would swallow the closing one.
 */
export function stripComments(sql: string): string {
  return tokenize(sql)
    .map(({ kind, text }) => (kind === 'comment' ? ` ${text.replace(/[^\n]+/g, '')}` : text))
    .join('')
}
