import type { Compilation } from './compilation.ts'
import type { Fragment } from './fragment.ts'

/** More rows than any result has. */
const ROWS_MAX = 1_000_000_000_000_000

/**
 * The result of a pipe, for SQL of a caller to stand over. Without a barrier the engine pushes the caller's conditions and joins down beside
 * the pipe's own, evaluates them on rows that the pipe leaves out, and puts values of those into the message of whatever fails. Nothing is
 * pushed below a LIMIT. Those who may read the data sources anyway keep the speed.
 */
export function barred({ scope }: Compilation, sql: Fragment): Fragment {
  if (scope.authority.seesNames) return sql
  const [before, after] = ['SELECT * FROM (', `\n) LIMIT ${ROWS_MAX}`]
  const texts = [...sql.texts]
  texts[0] = before + (texts[0] ?? '')
  const last = texts.length - 1
  texts[last] = (texts[last] ?? '') + after
  return { ...sql, texts, length: sql.length + before.length + after.length }
}
