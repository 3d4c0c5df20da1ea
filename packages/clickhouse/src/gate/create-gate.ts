// The gate before the engine: no SQL of a caller runs unless the engine's own tree of it, parameters filled in, holds only
// what the allow-list names and reads exactly the tables the compiler put there. Everything else is refused.
import type { Barrier, CompiledQuery } from '@sandpiper/pipes'
import { LRUCache } from 'lru-cache'

import type { ClickHouse } from '../client-contract.ts'
import { nameOutside } from './check-barrier.ts'
import { judge, judgeExpression, pause, readQuery, refused } from './judge.ts'
import {
  filledKey,
  keptValues,
  keyOf,
  shapeOf,
  skeletonOf,
  type Skeleton,
} from './statement-keys.ts'

/** Judges compiled queries. */
export interface Gate {
  /**
   * Resolves when the query may run; asks the engine for its tree once per statement (bounded cache).
   * @throws fault `query.refused` (400) for what is not allowed; `query.failed` for a syntax error; faults of the client.
   */
  check(compiled: CompiledQuery, signal?: AbortSignal): Promise<void>
  /**
   * The same for one expression of a datafile, which may name no table at all: the engine evaluates some of them (TTL) outside
   * of any session, with its own default database, where the path of a file is a table.
   * @throws as check does.
   */
  checkExpression(sql: string): Promise<void>
}

/** Bounds of one gate. */
export interface GateOptions {
  /** Statements remembered, once per kind of key; default 10_000, about 200 bytes each and their table names. */
  readonly cacheMax?: number
}

type Tables = ReadonlySet<string>

/** Makes a gate over one engine. */
export function createGate(clickhouse: ClickHouse, options: GateOptions = {}): Gate {
  const cacheMax = options.cacheMax ?? 10_000
  // By the text, for what is asked again word by word; by its shape, for the same with other values; by its skeleton, for what the
  // compiler made of one template with other values: that text need not even be read.
  const byText = new LRUCache<string, Tables>({ max: cacheMax })
  const byShape = new LRUCache<string, Tables>({ max: cacheMax })
  const bySkeleton = new LRUCache<string, Tables>({ max: cacheMax })
  const keptBySkeleton = new LRUCache<string, readonly number[]>({ max: cacheMax })
  const barriers = new LRUCache<string, true>({ max: cacheMax })

  function known(skeleton: Skeleton): Tables | undefined {
    const kept = keptBySkeleton.get(skeleton.key)
    return kept === undefined ? undefined : bySkeleton.get(filledKey(skeleton, kept))
  }

  async function tablesIn(compiled: CompiledQuery, signal?: AbortSignal): Promise<Tables> {
    const skeleton = skeletonOf(compiled)
    const same = skeleton === null ? undefined : known(skeleton)
    if (same !== undefined) return same
    const textKey = keyOf(compiled.sql, compiled.params)
    let tables = byText.get(textKey)
    if (tables !== undefined && skeleton === null) return tables
    const code = await readQuery(compiled.sql)
    const shapeKey = keyOf(shapeOf(code), compiled.params)
    await pause(compiled.sql)
    tables ??= byShape.get(shapeKey)
    tables ??= (await judge(clickhouse, { ...compiled, code }, signal)).found.tables
    byText.set(textKey, tables)
    byShape.set(shapeKey, tables)
    const kept = skeleton === null ? null : keptValues(skeleton, code)
    if (skeleton !== null && kept !== null) {
      keptBySkeleton.set(skeleton.key, kept)
      bySkeleton.set(filledKey(skeleton, kept), tables)
    }
    return tables
  }

  async function checkBarrier(barrier: Barrier, signal?: AbortSignal): Promise<void> {
    const key = keyOf(JSON.stringify(barrier), {})
    if (barriers.get(key) === true) return
    const { root } = await judgeExpression(clickhouse, barrier.condition, {}, signal)
    const name = nameOutside(root, new Set(barrier.columns))
    if (name !== null)
      throw refused("The token's filter names a column that the data source does not have", name)
    barriers.set(key, true)
  }

  return {
    async check(compiled, signal) {
      compareTables(await tablesIn(compiled, signal), compiled)
      for (const barrier of compiled.barriers ?? []) await checkBarrier(barrier, signal)
    },
    async checkExpression(sql) {
      const { found } = await judgeExpression(clickhouse, sql)
      const [name] = found.inNames
      if (name !== undefined)
        throw refused(`An expression cannot read a table: '${name.slice(0, 200)}'`)
    },
  }
}

function compareTables(found: Tables, compiled: CompiledQuery): void {
  const wanted = new Set(compiled.tables.map(({ database, table }) => `${database}.${table}`))
  for (const name of found) {
    if (!wanted.has(name)) {
      throw refused(
        'The query reads something that is not a data source or pipe of this workspace',
        name,
      )
    }
  }
  for (const name of wanted) {
    if (!found.has(name))
      throw refused('The query could not be checked', `not on the tree: ${name}`)
  }
}
