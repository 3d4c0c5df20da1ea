import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { quoteName, quoteText } from '@/lib/sql-text.ts'

import { dataSourceKeys } from './keys.ts'

export type StorageRange = '1d' | '30d'

export interface StoragePoint {
  /** Milliseconds since 1970. */
  at: number
  rows: number
  bytes: number
  refused: number
}

export interface Partition {
  id: string
  rows: number
  parts: number
}

const PARTITIONS_MAX = 1000
const STEPS: Readonly<Record<StorageRange, { hours: number; minutes: number }>> = {
  '1d': { hours: 24, minutes: 5 },
  '30d': { hours: 720, minutes: 120 },
}

/** Rows and bytes as they were. */
export function useStorage(id: string, name: string, range: StorageRange) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'storage', range),
    queryFn: async ({ signal }) => (await api.sql<StoragePoint>(storageOf(id, range), signal)).data,
    refetchInterval: 60_000,
  })
}

/** The parts of the table by partition; a token with a row filter does not see them. */
export function usePartitions(name: string) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'partitions'),
    queryFn: async ({ signal }) => (await api.sql<Partition>(partitionsOf(name), signal)).data,
  })
}

function storageOf(id: string, range: StorageRange): string {
  const { hours, minutes } = STEPS[range]
  return `SELECT toUnixTimestamp(toStartOfInterval(timestamp, INTERVAL ${minutes} MINUTE)) * 1000 AS at,
  argMax(s.rows, timestamp) AS rows, argMax(s.bytes, timestamp) AS bytes,
  argMax(rows_quarantine, timestamp) AS refused
FROM tinybird.datasources_storage AS s
WHERE datasource_id = ${quoteText(id)} AND timestamp > now() - INTERVAL ${hours} HOUR
GROUP BY at
ORDER BY at`
}

function partitionsOf(name: string): string {
  return `SELECT _partition_id AS id, count() AS rows, uniqExact(_part) AS parts
FROM ${quoteName(name)}
GROUP BY id
ORDER BY id DESC
LIMIT ${PARTITIONS_MAX}`
}
