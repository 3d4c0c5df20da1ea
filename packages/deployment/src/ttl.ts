import { tokenize } from '@sandpiper/sql'

/** An ENGINE_TTL taken apart: when rows go, and which of them. */
export interface Ttl {
  readonly expression: string
  readonly where: string | null
}

/**
 * Reads `expression [DELETE] [WHERE condition]`; null for anything else (moving to disks, recompression, GROUP BY), which a
 * project may not ask for.
 */
export function parseTtl(text: string): Ttl | null {
  const words = wordsAtTop(text)
  if (words.some((each) => REFUSED.has(each.word))) return null
  const where = words.find((each) => each.word === 'WHERE')
  const head = where === undefined ? text : text.slice(0, where.start)
  const remove = words.find((each) => each.word === 'DELETE')
  const expression = (remove === undefined ? head : head.slice(0, remove.start)).trim()
  const between = remove === undefined ? '' : head.slice(remove.start + 'DELETE'.length).trim()
  if (expression === '' || between !== '') return null
  return {
    expression,
    where: where === undefined ? null : text.slice(where.start + 'WHERE'.length).trim(),
  }
}

const REFUSED: ReadonlySet<string> = new Set(['TO', 'RECOMPRESS', 'GROUP', 'SET'])

function wordsAtTop(text: string): { word: string; start: number }[] {
  let depth = 0
  const words: { word: string; start: number }[] = []
  for (const token of tokenize(text)) {
    if (token.kind === 'open') depth++
    else if (token.kind === 'close') depth--
    else if (depth === 0 && token.kind === 'word')
      words.push({ word: token.text.toUpperCase(), start: token.start })
  }
  return words
}
