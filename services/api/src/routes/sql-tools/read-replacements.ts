// `replacements` of /v0/sql_replace. What the Classic command line sends is written down nowhere: each form that its call could take is read.
import { fault } from '@sandpiper/faults'
import { quoteIdentifier, type Replacement } from '@sandpiper/sql'

/** What a table becomes; null for one that stays. */
export type Replacements = (database: string | null, name: string) => Replacement | null

/** Tables that may be replaced in one text. */
const REPLACEMENTS_MAX = 1_000

/**
 * Reads `{"t": "u", "d.t": "d.u", "t": "(SELECT ...)"}`, or a list of pairs, each side a name or `[database, name]`.
 * @throws fault `request.invalid` for anything else.
 */
export function readReplacements(text: string | null): Replacements {
  const pairs = pairsIn(parse(text))
  if (pairs.length > REPLACEMENTS_MAX) throw wrong()
  const byName = new Map(pairs.map(([from, to]) => [from.join('.'), replacementOf(to)]))
  return (database, name) => byName.get(database === null ? name : `${database}.${name}`) ?? null
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '{}') as unknown
  } catch {
    throw wrong()
  }
}

type Name = readonly string[]

function pairsIn(value: unknown): [Name, Name][] {
  if (Array.isArray(value)) {
    return (value as unknown[]).map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw wrong()
      return [nameOf(pair[0]), nameOf(pair[1])]
    })
  }
  if (typeof value !== 'object' || value === null) throw wrong()
  return Object.entries(value).map(([from, to]) => [nameOf(from), nameOf(to)])
}

/** Database and name, or the name alone; a subquery in brackets is kept whole. */
function nameOf(value: unknown): Name {
  if (typeof value === 'string') {
    if (value.startsWith('(')) return [value]
    const dot = value.indexOf('.')
    return dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)]
  }
  if (Array.isArray(value) && value.length <= 3 && value.every((each) => typeof each === 'string'))
    return value.filter((each) => each !== '').slice(0, 2)
  throw wrong()
}

function replacementOf(to: Name): Replacement {
  const [only = ''] = to
  if (to.length === 1 && only.startsWith('(') && only.endsWith(')'))
    return { form: 'subquery', sql: only.slice(1, -1) }
  if (to.length === 0) throw wrong()
  return { form: 'table', sql: to.map(nameText).join('.') }
}

function nameText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoteIdentifier(name)
}

function wrong(): Error {
  return fault('request.invalid', {
    public: `'replacements' must be JSON: an object or a list of pairs, at most ${REPLACEMENTS_MAX}, from a table to a table or to a subquery in brackets.`,
  })
}
