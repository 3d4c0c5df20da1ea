// The tokens that mean something (no whitespace, no comments), with brackets matched: what every reader of SQL here walks over.
import type { Token } from './token.ts'
import { tokenize } from './tokenize.ts'

/**
 * A text that was read once, for every function here that takes SQL: reading is what costs. `all` are its tokens, `tokens` those
 * without trivia; `closes[i]` is the index of the bracket that closes an `open` token i, or `tokens.length` when nothing does.
 */
export interface Code {
  readonly sql: string
  readonly all: readonly Token[]
  readonly tokens: readonly Token[]
  readonly closes: Int32Array
}

/**
 * Reads SQL into its tokens; what was read already is given back. Linear; never throws.
 * @param tokensMax as in tokenize: a text with more is read no further, and is then longer than its tokens.
 */
export function readCode(sql: string | Code, tokensMax?: number): Code {
  if (typeof sql !== 'string') return sql
  const all = tokenize(sql, tokensMax)
  const tokens = all.filter(({ kind }) => kind !== 'whitespace' && kind !== 'comment')
  const closes = new Int32Array(tokens.length).fill(tokens.length)
  const open: number[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'open') open.push(index)
    else if (token.kind === 'close') {
      const start = open.pop()
      if (start !== undefined) closes[start] = index
    }
  }
  return { sql, all, tokens, closes }
}

/** The word at an index in upper case, or '' for any other token: how keywords are compared. */
export function wordAt(code: Code, index: number): string {
  const token = code.tokens[index]
  return token?.kind === 'word' ? token.text.toUpperCase() : ''
}

/** True when the token at an index is exactly this text (brackets, operators, comma, dot). */
export function isText(code: Code, index: number, text: string): boolean {
  return code.tokens[index]?.text === text
}
