import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { pipeKeys } from '../keys.ts'

export interface NodeInPipe {
  pipe: string
  node: string
  /** A live data source that it would fill; null: a new one. */
  target: string | null
}

interface Analysis {
  analysis: {
    datasource: { engine: { engine: string; sorting_key: string } }
    materialization: { sql: string }
    endpoint_sql: string
  }
  warnings: string[]
  datafiles: { filename: string; text: string }[]
}

/** What the server suggests for a published node; it has been tried there. */
export interface Suggestion {
  /** Of the new data source; null when the target is there already. */
  datafile: string | null
  engine: string
  sortingKey: string
  /** What the node has to select: states in place of aggregates. */
  sql: string
  /** What reads the target as the node reads its source. */
  endpointSql: string
  warnings: readonly string[]
}

/** @throws ApiError with the reason why the node cannot be materialized. */
export function useSuggestion(about: NodeInPipe, enabled: boolean) {
  const api = useApi()
  const { pipe, node, target } = about
  return useQuery({
    queryKey: pipeKeys.suggestion(api.place, JSON.stringify(about)),
    enabled,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }): Promise<Suggestion> => {
      const path = `/v0/pipes/${encodeURIComponent(pipe)}/nodes/${encodeURIComponent(node)}/analysis`
      const { analysis, warnings, datafiles } = await api.json<Analysis>(path, {
        query: { include_datafile: true, datasource: target ?? undefined },
        signal,
      })
      const { engine, sorting_key: sortingKey } = analysis.datasource.engine
      const file = datafiles.find(({ filename }) => filename.endsWith('.datasource'))
      return {
        ...{ engine, sortingKey, warnings, datafile: file?.text ?? null },
        ...{ sql: analysis.materialization.sql, endpointSql: analysis.endpoint_sql },
      }
    },
  })
}
