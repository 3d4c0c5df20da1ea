import { fault, type Fault } from '@sandpiper/faults'

import type { CompiledQuery, SourceText } from './compiled-query.ts'
import { translateError } from './translate-error.ts'

/**
 * A failure of a compiled query in the user's own names; when the text names something that one of the pipe's nodes holds, with the node
 * and the line of its SQL.
 */
export function userFault(err: Fault, compiled: CompiledQuery): Fault {
  const text = translateError(err.details.public, compiled.userNames)
  const place = err.details.place ?? placeOf(err, text, compiled.sources ?? [])
  return fault(err.code, {
    ...err.details,
    public: text,
    ...(place === undefined ? {} : { place }),
    cause: err,
  })
}

function placeOf(err: Fault, text: string, sources: readonly SourceText[]) {
  if (err.code !== 'query.failed') return undefined
  for (const name of namesIn(text)) {
    for (const { node, sql } of sources) {
      const line = lineOf(sql, name)
      if (line !== null) return { node, line }
    }
  }
  return undefined
}

/** The first line (1-based) of a SQL text that holds a name that an error is about; null when there is none. */
export function lineNamed(error: string, sql: string): number | null {
  for (const name of namesIn(error)) {
    const line = lineOf(sql, name)
    if (line !== null) return line
  }
  return null
}

/** Names an error is about: in quotes, or behind the word function. Those with dots also by their last part. */
function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (const [, quoted, called] of text
    .slice(0, 2_000)
    .matchAll(/[`']([\w.$]{1,200})[`']|\b[Ff]unction (\w{1,200})/g)) {
    const name = quoted ?? called ?? ''
    names.add(name)
    names.add(name.slice(name.lastIndexOf('.') + 1))
  }
  names.delete('')
  return names
}

function lineOf(sql: string, name: string): number | null {
  for (let at = sql.indexOf(name); at >= 0; at = sql.indexOf(name, at + 1)) {
    const isWord = !/\w/.test(sql[at - 1] ?? '') && !/\w/.test(sql[at + name.length] ?? '')
    if (isWord) return sql.slice(0, at).split('\n').length
  }
  return null
}
