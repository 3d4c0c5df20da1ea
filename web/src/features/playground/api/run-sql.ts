import { useMutation } from '@tanstack/react-query'

import type { SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { download } from '@/lib/download.ts'

import { withoutFormat } from '../without-format.ts'

export interface SqlAnswer {
  result: SqlResult
  milliseconds: number
}

/** Runs free SQL: what the token may read, and no more. */
export function useRunSql() {
  const api = useApi()
  return useMutation({
    mutationFn: async (sql: string): Promise<SqlAnswer> => {
      const started = performance.now()
      const result = await api.sql(withoutFormat(sql))
      return { result, milliseconds: performance.now() - started }
    },
  })
}

export const EXPORTS = [
  { format: 'CSVWithNames', label: 'CSV', ending: 'csv' },
  { format: 'JSON', label: 'JSON', ending: 'json' },
  { format: 'Parquet', label: 'Parquet', ending: 'parquet' },
] as const

export type Export = (typeof EXPORTS)[number]

/** Runs the query again and hands the rows to the browser as a file. */
export function useExport(name: string) {
  const api = useApi()
  return useMutation({
    mutationFn: async ({ sql, to }: { sql: string; to: Export }) => {
      const answer = await api.response('/v0/sql', {
        method: 'POST',
        body: `${withoutFormat(sql)}\nFORMAT ${to.format}`,
      })
      const type = answer.headers.get('Content-Type') ?? 'application/octet-stream'
      download(`${name}.${to.ending}`, await answer.arrayBuffer(), type)
    },
  })
}
