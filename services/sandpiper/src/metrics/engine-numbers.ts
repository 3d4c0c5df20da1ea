import type { ClickHouse } from '@sandpiper/clickhouse'

/** What the engine says of itself; null members are not known. */
export type EngineNumbers = Readonly<
  Record<'queries' | 'memory' | 'merges' | 'mutations' | 'parts' | 'partitionPartsMax', number>
>

const TIMEOUT_MS = 1_000

/** One question to its system tables, bounded in time; null when it does not answer. */
export async function readEngine(
  clickhouse: Pick<ClickHouse, 'rows'>,
): Promise<EngineNumbers | null> {
  try {
    const [row] = await clickhouse.rows<Record<keyof EngineNumbers, string>>({
      sql: QUESTION,
      timeoutMs: TIMEOUT_MS,
    })
    if (row === undefined) return null
    const entries = Object.entries(row).map(([name, value]) => [name, Number(value)] as const)
    return Object.fromEntries(entries) as EngineNumbers
  } catch {
    // Away or busy: that is what the missing numbers say.
    return null
  }
}

// The question itself is one of the running queries.
const QUESTION = `
  WITH (SELECT (sum(c), max(c)) FROM (SELECT count() AS c FROM system.parts WHERE active GROUP BY database, table, partition_id)) AS counted
  SELECT
    (SELECT greatest(0, sumIf(value, metric = 'Query') - 1) FROM system.metrics) AS queries,
    (SELECT sumIf(value, metric = 'MemoryTracking') FROM system.metrics) AS memory,
    (SELECT sumIf(value, metric = 'Merge') FROM system.metrics) AS merges,
    (SELECT count() FROM system.mutations WHERE NOT is_done) AS mutations,
    counted.1 AS parts,
    counted.2 AS partitionPartsMax`
