// JSONPaths of columns: `$`, `$.a.b`, `$.list[:]`, `$.list[:].k`. Nothing else of JSONPath exists here.

/** One step from the document inwards: into a key of an object, or into each element of a list. */
export type JsonPathStep =
  { readonly kind: 'key'; readonly key: string } | { readonly kind: 'each' }

/** Why a text is no path. */
export interface JsonPathProblem {
  readonly message: string
  readonly hint: string
}

const HINT = 'Write $.key, $.key.inner, $.list[:], $.list[:].key or $ for the whole document.'

/**
 * The steps of a path; none for `$`. Linear in its length.
 * Source: Tinybird schema reference (only `[:]`, no `[*]` and no indices), read 2026-11.
 */
export function parseJsonPath(path: string): readonly JsonPathStep[] | JsonPathProblem {
  if (!path.startsWith('$'))
    return { message: `JSONPath '${path}' does not start with $`, hint: HINT }
  const steps: JsonPathStep[] = []
  let index = 1
  while (index < path.length) {
    if (path.startsWith('[:]', index)) {
      steps.push({ kind: 'each' })
      index += 3
      continue
    }
    if (path[index] === '[') {
      return {
        message: `JSONPath '${path}' uses an index or a wildcard`,
        hint: 'Only [:] (each element) is supported.',
      }
    }
    if (path[index] !== '.') return { message: `JSONPath '${path}' is not valid`, hint: HINT }
    const end = keyEnd(path, index + 1)
    const key = path.slice(index + 1, end)
    if (key === '') return { message: `JSONPath '${path}' has an empty key`, hint: HINT }
    steps.push({ kind: 'key', key })
    index = end
  }
  return steps
}

/** Whether parseJsonPath found a path. */
export function isJsonPath(
  result: readonly JsonPathStep[] | JsonPathProblem,
): result is readonly JsonPathStep[] {
  return Array.isArray(result)
}

function keyEnd(path: string, from: number): number {
  let end = from
  while (end < path.length && path[end] !== '.' && path[end] !== '[') end++
  return end
}
