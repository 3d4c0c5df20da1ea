// What the engine's block numbers say about a batch whose insert did not return OK. Pure.
// Ground: a table has one writer, and each batch raises the highest block number of every partition it reaches, once
// (engine-facts, trap 4). Merges keep the number.

/** Highest block number of each partition, by partition id, of each table. A table or partition that holds nothing is absent. */
export type Blocks = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Partition ids of a table whose highest block number is above what it was before the load. */
export function risenPartitions(before: Blocks, now: Blocks, table: string): Set<string> {
  const old = new Map(Object.entries(before[table] ?? {}))
  const risen = Object.entries(now[table] ?? {}).filter(([id, block]) => block > (old.get(id) ?? 0))
  return new Set(risen.map(([id]) => id))
}

/**
 * What was there before, corrected by what is there now: never more. Numbers sink when the engine was started anew after every row
 * of a partition expired; then the batch is not in it, and would pass for absent even once it was placed there.
 */
export function lowered(before: Blocks, now: Blocks, tables: readonly string[]): Blocks {
  return Object.fromEntries(
    tables.map((table) => {
      const numbers = Object.entries(before[table] ?? {})
      return [
        table,
        Object.fromEntries(
          numbers.map(([id, block]) => [id, Math.min(block, now[table]?.[id] ?? 0)]),
        ),
      ]
    }),
  )
}

/** Whether `lowered` changes anything. */
export function hasSunk(before: Blocks, now: Blocks, tables: readonly string[]): boolean {
  return tables.some((table) =>
    Object.entries(before[table] ?? {}).some(([id, block]) => block > (now[table]?.[id] ?? 0)),
  )
}

/** True when no table shows anything of the batch: it may be loaded as if never tried. */
export function isAbsent(before: Blocks, now: Blocks, tables: readonly string[]): boolean {
  return tables.every((table) => risenPartitions(before, now, table).size === 0)
}

/**
 * Partitions of a table that still lack the batch, given the partitions its rows belong to.
 * When others have risen than were expected, the partition key depends on the moment (`toYYYYMM(now())`): then their number
 * decides, since a part placed twice would be worse than one that is counted as there.
 */
export function lackingPartitions(
  expected: readonly string[],
  before: Blocks,
  now: Blocks,
  table: string,
): string[] {
  const risen = risenPartitions(before, now, table)
  const lacking = expected.filter((id) => !risen.has(id))
  const unexpected = [...risen].filter((id) => !expected.includes(id)).length
  return lacking.slice(unexpected)
}
