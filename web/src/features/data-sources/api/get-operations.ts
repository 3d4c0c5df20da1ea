import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { quoteText } from '@/lib/sql-text.ts'

import { dataSourceKeys } from './keys.ts'

export interface Operation {
  at: string
  event: string
  result: string
  seconds: number
  rows: number | null
  refused: number | null
  error: string | null
  job: string | null
  request: string
  pipe: string
}

const OPERATIONS_MAX = 200

/** What was done to a data source in the last 30 days, newest first. */
export function useOperations(id: string, name: string) {
  const api = useApi()
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'operations'),
    queryFn: async ({ signal }) => (await api.sql<Operation>(operationsOf(id), signal)).data,
    refetchInterval: 10_000,
  })
}

function operationsOf(id: string): string {
  return `SELECT timestamp AS at, event_type AS event, result, elapsed_time AS seconds, rows,
  rows_quarantine AS refused, error, job_id AS job, request_id AS request, pipe_name AS pipe
FROM tinybird.datasources_ops_log
WHERE datasource_id = ${quoteText(id)}
ORDER BY timestamp DESC
LIMIT ${OPERATIONS_MAX}`
}
