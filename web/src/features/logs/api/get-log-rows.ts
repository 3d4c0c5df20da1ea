import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'

import type { Api, SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { logKeys } from './keys.ts'
import type { LogSelection } from './log-search.ts'
import { logSource } from './log-sources.ts'
import { PAGE_ROWS, type PageStart, rowsSql } from './log-sql.ts'

export type LogRow = Readonly<Record<string, unknown>>

/** Milliseconds between two looks while live. */
export const LIVE_MS = 3000

const FIRST: PageStart = { offset: 0, until: null }

/** Rows of a log, newest first, a page at a time. */
const logRowsQuery = (api: Api, selection: LogSelection, live: boolean) =>
  infiniteQueryOptions({
    queryKey: logKeys.rows(api.place, selection),
    queryFn: ({ pageParam, signal }) => api.sql<LogRow>(rowsSql(selection, pageParam), signal),
    initialPageParam: FIRST,
    getNextPageParam: (last, pages) => nextPage(selection, last, pages),
    refetchInterval: live ? LIVE_MS : false,
  })

export const useLogRows = (selection: LogSelection, live: boolean) =>
  useInfiniteQuery(logRowsQuery(useApi(), selection, live))

function nextPage(
  { source }: LogSelection,
  last: SqlResult<LogRow>,
  pages: readonly SqlResult<LogRow>[],
): PageStart | null {
  if (last.data.length < PAGE_ROWS) return null
  const newest = pages[0]?.data[0]?.[logSource(source).time]
  return typeof newest === 'string' ? { offset: pages.length * PAGE_ROWS, until: newest } : null
}
