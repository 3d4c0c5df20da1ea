import type { Chart as ChartSettings } from '@sandpiper/contracts'
import type { ReactNode } from 'react'

import type { SqlResult } from '@/lib/api-client.ts'
import { formatBytes, formatCount, formatSeconds } from '@/lib/format.ts'

import { ChartFields } from './chart/chart-fields.tsx'
import { ResultChart } from './chart/result-chart.tsx'

export interface ResultViewProps {
  label: string
  result: SqlResult
  /** From the request to the last byte. */
  milliseconds: number
  chart: ChartSettings
  onChart: (chart: ChartSettings) => void
  /** Rows beyond these were not asked for. */
  rowsMax?: number
  actions?: ReactNode
  heightPx?: number
}

/** Rows as a table or a picture, with what the query cost. */
export function ResultView(props: ResultViewProps) {
  const { label, result, chart, onChart, rowsMax = Infinity, actions, heightPx = 360 } = props
  const isCut = result.data.length > rowsMax
  const shown = isCut ? { ...result, data: result.data.slice(0, rowsMax) } : result
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <ResultCost result={result} milliseconds={props.milliseconds} rowsMax={rowsMax} />
        <div className="ml-auto flex flex-wrap items-end gap-2">
          <ChartFields label={label} columns={result.meta} chart={chart} onChange={onChart} />
          {actions}
        </div>
      </div>
      <ResultChart label={label} result={shown} chart={chart} heightPx={heightPx} />
    </div>
  )
}

function ResultCost({
  result: { data, statistics },
  milliseconds,
  rowsMax,
}: {
  result: SqlResult
  milliseconds: number
  rowsMax: number
}) {
  const rows =
    data.length > rowsMax
      ? `First ${formatCount(rowsMax)} rows`
      : `${formatCount(data.length)} ${data.length === 1 ? 'row' : 'rows'}`
  // Not told to tokens that see some rows only.
  const cost = statistics as SqlResult['statistics'] | undefined
  return (
    <p role="status" className="text-xs text-muted tabular-nums">
      {rows} in {formatSeconds(milliseconds / 1000)}
      {cost === undefined
        ? null
        : ` · read ${formatCount(cost.rows_read)} rows, ${formatBytes(cost.bytes_read)} in ${formatSeconds(cost.elapsed)}`}
    </p>
  )
}
