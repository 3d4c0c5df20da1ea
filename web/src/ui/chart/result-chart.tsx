import type { Chart as ChartSettings } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'
import { formatCount } from '@/lib/format.ts'

import { cellText } from '../cell-text.ts'
import { ResultGrid } from '../result-grid.tsx'
import { Chart } from './chart.tsx'
import { CountryMap } from './country-map.tsx'
import { resultChartProps, resultNumber } from './result-chart-props.ts'

export interface ResultChartProps {
  label: string
  result: { meta: readonly SqlColumn[]; data: readonly Readonly<Record<string, unknown>>[] }
  chart: ChartSettings
  heightPx?: number
}

/** A result as its settings say: a picture, one large number, or rows. */
export function ResultChart({ label, result, chart, heightPx = 280 }: ResultChartProps) {
  if (chart.type === 'table')
    return <ResultGrid label={label} columns={result.meta} rows={result.data} heightPx={heightPx} />
  if (chart.type === 'map')
    return <CountryMap label={label} result={result} chart={chart} heightPx={heightPx} />
  if (chart.type === 'number') return <BigNumber result={result} chart={chart} />
  const drawn = resultChartProps(result, chart)
  if (drawn === null) {
    const why = result.data.length === 0 ? 'No rows.' : 'Nothing to draw: no column of numbers.'
    return <p className="p-3 text-sm text-muted">{why}</p>
  }
  const { left, ...props } = drawn
  return (
    <>
      <Chart label={label} {...props} heightPx={left > 0 ? heightPx - 20 : heightPx} />
      {left > 0 ? (
        <p className="text-xs text-muted">{formatCount(left)} more rows are not drawn.</p>
      ) : null}
    </>
  )
}

function BigNumber({ result, chart }: Pick<ResultChartProps, 'result' | 'chart'>) {
  const number = resultNumber(result, chart.y?.[0])
  if (number === null) return <p className="p-3 text-sm text-muted">No rows.</p>
  const { value } = number
  const unit = chart.options?.['unit']
  return (
    <div className="flex h-full flex-col justify-center p-3">
      <span className="truncate text-4xl font-semibold tabular-nums">
        {typeof value === 'number' ? formatCount(value) : cellText(value)}
        {typeof unit === 'string' && unit !== '' ? (
          <span className="ml-1 text-lg text-muted">{unit}</span>
        ) : null}
      </span>
      <span className="truncate text-xs text-muted">{number.name}</span>
    </div>
  )
}
