import type { ClickHouse } from '@sandpiper/clickhouse'

/** The engine's spelling of a call of an aggregate function, combinators included; null for any other function. */
export type Canonical = (name: string) => string | null

interface Known {
  readonly name: string
  readonly case_insensitive: number
}

const COMBINATORS =
  /(?:If|Array|Map|Distinct|OrDefault|OrNull|Resample|ForEach|ArgMin|ArgMax|SimpleState|State|Merge)$/

/** Asks the engine which functions aggregate. */
export async function aggregateNames(clickhouse: Pick<ClickHouse, 'rows'>): Promise<Canonical> {
  const known = await clickhouse.rows<Known>({
    sql: 'SELECT name, case_insensitive FROM system.functions WHERE is_aggregate',
  })
  return canonicalNames(known)
}

/** As aggregateNames(), of functions that were asked for. */
export function canonicalNames(known: readonly Known[]): Canonical {
  const exact = new Set(known.map(({ name }) => name))
  const insensitive = new Map(
    known
      .filter((each) => each.case_insensitive === 1)
      .map(({ name }) => [name.toLowerCase(), name]),
  )
  const canonical = (name: string): string | null => {
    if (exact.has(name)) return name
    const other = insensitive.get(name.toLowerCase())
    if (other !== undefined) return other
    const combinator = COMBINATORS.exec(name)?.[0]
    if (combinator === undefined) return null
    const base = canonical(name.slice(0, -combinator.length))
    return base === null ? null : `${base}${combinator}`
  }
  return canonical
}
