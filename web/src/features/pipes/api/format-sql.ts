import { useMutation } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

/** The same SQL as the server's formatter writes it. Templates come back as they are. @throws ApiError for SQL that cannot be read. */
async function formatSql(api: Api, sql: string): Promise<string> {
  const { q } = await api.json<{ q: string }>('/v0/sql_format', {
    method: 'POST',
    json: { q: sql },
  })
  return q
}

export function useFormatSql() {
  const api = useApi()
  return useMutation({ mutationFn: (sql: string) => formatSql(api, sql) })
}
