// Block numbers of the targets, remembered between batches: the writer is the only one that raises them while no turn is held, so
// what was read after one batch is what stands before the next.
import type { ClickHouse } from '@sandpiper/clickhouse'
import { readBlocks } from './blocks.ts'
import type { Blocks } from './doubt.ts'

export interface KnownBlocks {
  before(database: string, tables: readonly string[]): Promise<Blocks>
  /** Reads them anew and remembers them. */
  after(database: string, tables: readonly string[]): Promise<Blocks>
  /** After a turn, a doubt or a restart of the engine nothing remembered may be trusted. */
  forget(): void
}

export function createKnownBlocks(clickhouse: ClickHouse): KnownBlocks {
  const known = new Map<string, Readonly<Record<string, number>>>()

  async function after(database: string, tables: readonly string[]): Promise<Blocks> {
    const blocks = await readBlocks(clickhouse, database, tables)
    for (const table of tables) known.set(`${database}.${table}`, blocks[table] ?? {})
    return blocks
  }

  return {
    before(database, tables) {
      const remembered = tables.map((table) => known.get(`${database}.${table}`))
      if (remembered.includes(undefined)) return after(database, tables)
      const entries = tables.map((table, index) => [table, remembered[index] ?? {}] as const)
      return Promise.resolve(Object.fromEntries(entries))
    },
    after,
    forget() {
      known.clear()
    },
  }
}
