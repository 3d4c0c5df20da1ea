// Under which keys a judgement is remembered. A key must hold everything that could change the judgement; nothing here is believed that
// cannot be seen in the statement itself.
import { hash } from 'node:crypto'

import type { CompiledQuery } from '@sandpiper/pipes'
import { findSqlError, keptLiterals, literalShape, type Code } from '@sandpiper/sql'

/** A statement cut at its values, seen to be the statement. */
export interface Skeleton {
  /** Of the texts and of the kinds of the values. */
  readonly key: string
  readonly values: readonly string[]
  readonly texts: readonly string[]
}

/** Escapes, heredocs and typographic quotes: where two lexers are most likely to disagree about where a string ends. */
const UNUSUAL_QUOTING = /[\\$‘’“”]/

/** Begins what stands for a value in the key of a skeleton. */
const MARK = '\u0001'

const INTEGER = /^\d{1,20}$/
const PLAIN_STRING = /^'[^'"`\\$‘’“”\p{Cc}]*'$/u

/** The key of a text and its engine parameters. */
export function keyOf(text: string, params: CompiledQuery['params']): string {
  return hash('sha256', `${JSON.stringify(params)}\0${text}`, 'base64')
}

/**
 * The shape of a statement: its literals replaced by their types; the statement itself where a string is quoted unusually, so that
 * a verdict is never carried from one text to another on our tokenizer's word alone, and where it cannot be read at all.
 */
export function shapeOf(code: Code): string {
  const plain = !UNUSUAL_QUOTING.test(code.sql) && findSqlError(code) === null
  return plain ? literalShape(code) : code.sql
}

/** The skeleton of a statement, when it has one whose pieces are the statement and whose values are plain literals; else null. */
export function skeletonOf({ sql, params, skeleton }: CompiledQuery): Skeleton | null {
  if (skeleton === undefined || UNUSUAL_QUOTING.test(sql) || sql.includes(MARK)) return null
  const { texts, values } = skeleton
  let whole = texts[0] ?? ''
  let shape = whole
  for (const [index, value] of values.entries()) {
    const kind = INTEGER.test(value) ? 'i' : PLAIN_STRING.test(value) ? 's' : null
    if (kind === null) return null
    const text = texts[index + 1] ?? ''
    whole += value + text
    shape += `${MARK}${kind}${text}`
  }
  return whole === sql ? { key: keyOf(shape, params), values, texts } : null
}

/**
 * Which values belong to the shape although they are literals (behind LIMIT, in table functions ...), by index. Null when a value is not
 * exactly one token of the statement: then nothing may be remembered under the skeleton.
 */
export function keptValues({ values, texts }: Skeleton, code: Code): readonly number[] | null {
  const isKept = keptLiterals(code)
  const kept: number[] = []
  let at = texts[0]?.length ?? 0
  let token = 0
  for (const [index, value] of values.entries()) {
    while ((code.tokens[token]?.start ?? Infinity) < at) token++
    const found = code.tokens[token]
    if (found?.start !== at || found.text !== value) return null
    if (isKept[token] === 1) kept.push(index)
    at += value.length + (texts[index + 1]?.length ?? 0)
  }
  return kept
}

/** The key of a skeleton with these of its values. */
export function filledKey({ key, values }: Skeleton, kept: readonly number[]): string {
  return `${key} ${JSON.stringify(kept.map((index) => values[index]))}`
}
