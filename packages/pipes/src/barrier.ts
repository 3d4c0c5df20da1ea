import type { Column } from '@sandpiper/datafile'

import {
  adoptCompilation,
  finishCompilation,
  startCompilation,
  type Compilation,
} from './compilation.ts'
import type { Fragment } from './fragment.ts'
import { namedColumns } from './named-columns.ts'
import { ownDictionaries } from './own-dictionaries.ts'

/** More rows than any result has. */
const ROWS_MAX = 1_000_000_000_000_000

/**
 * The result of a pipe, for SQL of a caller to stand over. Without a barrier the engine pushes the caller's conditions and joins down beside
 * the pipe's own, evaluates them on rows that the pipe leaves out, and puts values of those into the message of whatever fails. Nothing is
 * pushed below a LIMIT. Columns with dictionaries get their own, for which the engine must have told the types of exactly this text
 * (CompileScope.columnsOf). Those who may read the data sources anyway keep the speed.
 * @param pipeId whose result it is: asked once in a compilation.
 * @throws fault `query.refused` for a column of which nobody knows whether it holds a dictionary.
 */
export function barred(
  compilation: Compilation,
  pipeId: string,
  compile: (compilation: Compilation) => Fragment,
): Fragment {
  const { scope } = compilation
  if (scope.authority.seesNames) return compile(compilation)
  const known = compilation.results.get(pipeId)
  if (known !== undefined) return known
  const own = startCompilation(scope, compilation.steps)
  const inner = compile(own)
  adoptCompilation(compilation, own)
  const result = finishCompilation(own, inner)
  const columns = scope.columnsOf?.(result)
  // What stands here then is never finished.
  if (columns === undefined) compilation.undescribed.push(result)
  const over = enclosed(`SELECT ${shown(columns ?? [])} FROM (`, inner, `\n) LIMIT ${ROWS_MAX}`)
  compilation.results.set(pipeId, over)
  return over
}

/** What was described and nothing that came since: the text of a pipe may hold a `*` over a table that a staged deployment changes. */
function shown(columns: readonly Pick<Column, 'name' | 'type'>[]): string {
  if (columns.length === 0) return '*'
  return `${namedColumns(columns, { nested: false })}${ownDictionaries(columns)}`
}

function enclosed(before: string, inner: Fragment, after: string): Fragment {
  const texts = [...inner.texts]
  texts[0] = before + (texts[0] ?? '')
  const last = texts.length - 1
  texts[last] = (texts[last] ?? '') + after
  return { ...inner, texts, length: inner.length + before.length + after.length }
}
