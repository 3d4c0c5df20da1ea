import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'

import type { SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { countRows, type RowsRequest, selectRows } from '../rows-sql.ts'
import { dataSourceKeys } from './keys.ts'

const PAGE_ROWS = 1000
/** The page holds them all; beyond, a filter is the better tool. */
export const ROWS_MAX = 100_000

export function useRows(request: RowsRequest) {
  const api = useApi()
  const { name, sort, filters } = request
  return useInfiniteQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'rows', sort ?? null, filters),
    queryFn: ({ pageParam, signal }) =>
      api.json<SqlResult>('/v0/sql', {
        method: 'POST',
        // Whole numbers beyond 2^53 come as texts, every digit of them.
        query: { output_format_json_quote_64bit_integers: 1 },
        body: `${selectRows(request, PAGE_ROWS, pageParam)}\nFORMAT JSON`,
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: ({ rows }, pages) =>
      rows < PAGE_ROWS || pages.length * PAGE_ROWS >= ROWS_MAX
        ? undefined
        : pages.length * PAGE_ROWS,
    placeholderData: keepPreviousData,
    // Rows that come in move the pages: they are asked for anew by the button, all at once.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
}

/** How many rows there are under the filters. */
export function useRowCount(request: RowsRequest) {
  const api = useApi()
  const { name, filters } = request
  return useQuery({
    queryKey: dataSourceKeys.part(api.place, name, 'count', filters),
    queryFn: async ({ signal }) => {
      const { data } = await api.sql<{ rows: number | string }>(countRows(request), signal)
      return Number(data[0]?.rows ?? 0)
    },
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
}
