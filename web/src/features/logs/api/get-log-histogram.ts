import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { LIVE_MS } from './get-log-rows.ts'
import { logKeys } from './keys.ts'
import type { LogSelection } from './log-search.ts'
import { bucketSecondsOf, histogramSql } from './log-sql.ts'

interface LogBar {
  /** Unix seconds. */
  at: number
  ok: number
  failed: number
}

async function getHistogram(api: Api, selection: LogSelection, signal: AbortSignal) {
  const { data } = await api.sql<LogBar>(histogramSql(selection), signal)
  return fillBars(data, selection, Date.now())
}

/** Every bar of the span, also where there was nothing. */
function fillBars(bars: readonly LogBar[], selection: LogSelection, nowMs: number): LogBar[] {
  const bucket = bucketSecondsOf(selection)
  const { span } = selection
  const now = Math.floor(nowMs / 1000)
  const [from, to] = 'seconds' in span ? [now - span.seconds, now] : [span.from, span.to - 1]
  const known = new Map(bars.map((bar) => [bar.at, bar]))
  const first = Math.floor(from / bucket) * bucket
  const count = Math.max(0, Math.floor((to - first) / bucket) + 1)
  return Array.from({ length: Math.min(count, 400) }, (_, each) => {
    const at = first + each * bucket
    return known.get(at) ?? { at, ok: 0, failed: 0 }
  })
}

const logHistogramQuery = (api: Api, selection: LogSelection, live: boolean) =>
  queryOptions({
    queryKey: logKeys.histogram(api.place, selection),
    queryFn: ({ signal }) => getHistogram(api, selection, signal),
    refetchInterval: live ? LIVE_MS : false,
  })

export const useLogHistogram = (selection: LogSelection, live: boolean) =>
  useQuery(logHistogramQuery(useApi(), selection, live))
