// What both sides have in the end.
import type { DataSourceFile } from '@sandpiper/datafile'
import type { Client } from '../client.ts'
import { sqlRows } from '../sql-rows.ts'
import { textIn } from '../show.ts'
import type { Ends } from './copy-rows.ts'
import { sortingKey } from './migration-plan.ts'
import { patiently } from './patiently.ts'
import { partitionsSql, type CopySubject } from './source-sql.ts'

export interface Comparison {
  readonly datasource: string
  readonly partition: string
  readonly what: 'rows' | 'keys'
  readonly source: number
  readonly target: number
}

/** How often, and for how long in all, rows on their way are waited for. */
const PAUSE_MS = 500
const LOOKS = 60

/** Rows by partition. */
export async function countPartitions(
  client: Client,
  subject: CopySubject,
): Promise<Map<string, number>> {
  const rows = await sqlRows(client, partitionsSql(subject))
  return new Map(
    rows.map((row) => [textIn(row, 'sandpiper_partition'), Number(row['sandpiper_rows'])]),
  )
}

/** Compares until both agree, as long as rows may be on their way. */
export async function compareCopied(
  { source, target, world }: Ends,
  subject: CopySubject,
): Promise<Comparison[]> {
  const wanted = await patiently(world, () => countPartitions(source, subject))
  for (let look = 1; ; look += 1) {
    const there = await patiently(world, () => countPartitions(target, subject))
    const partitions = [...new Set([...wanted.keys(), ...there.keys()])].sort()
    const found = partitions.map((partition) => ({
      ...{ datasource: subject.file.name, partition, what: 'rows' as const },
      ...{ source: wanted.get(partition) ?? 0, target: there.get(partition) ?? 0 },
    }))
    const isWaiting = found.some(({ source, target }) => target < source)
    if (!isWaiting || look === LOOKS) return found
    await world.sleep(PAUSE_MS)
  }
}

/** Of a data source that views fill: how many keys it has. Its rows are merged whenever the engine likes. */
export async function compareRebuilt(
  { source, target, world }: Ends,
  file: DataSourceFile,
): Promise<Comparison> {
  const key = sortingKey(file)
  const sql = `SELECT toString(${key === null ? 'count()' : `uniqExact${key}`}) AS n FROM ${file.name}`
  const [left, right] = await Promise.all(
    [source, target].map(async (client) => {
      const [row] = await patiently(world, () => sqlRows(client, sql))
      return Number(row?.['n'] ?? 0)
    }),
  )
  const what = key === null ? 'rows' : 'keys'
  return { datasource: file.name, partition: '', what, source: left ?? 0, target: right ?? 0 }
}
