import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { connectionKeys } from '../keys.ts'

/** A data source of a connection, and how its topic is read. */
export interface Linker {
  datasource_id: string
  datasource_name: string
  /** Absent for what is not filled from a topic. */
  kafka_topic?: string
  kafka_group_id?: string
  state?: 'running' | 'paused'
  /** Absent where the reading is another process's. */
  reader?: 'starting' | 'reading' | 'paused' | 'failing'
  error?: string | null
  lag?: number | null
  records?: number
  quarantined?: number
  partitions?: { partition: number; position: number; lag: number | null }[]
}

/** A connection of the live project. Settings that are secrets are not told. */
export interface Connection {
  id: string
  name: string
  service: string
  settings: Record<string, string>
  linkers: Linker[]
}

const LOOK_MS = 5_000

export function useConnections() {
  const api = useApi()
  return useQuery({
    queryKey: connectionKeys.all(api.place),
    queryFn: async ({ signal }) =>
      (await api.json<{ connectors: Connection[] }>('/v0/connectors', { signal })).connectors,
    // What is read changes by itself; without a topic nothing does.
    refetchInterval: ({ state }) =>
      state.data?.some(({ linkers }) => linkers.length > 0) === true ? LOOK_MS : false,
  })
}
