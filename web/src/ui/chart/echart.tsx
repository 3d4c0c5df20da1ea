import { BarChart, FunnelChart, LineChart, PieChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { type EChartsType, init, use as register } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

import { useTheme } from '@/lib/theme.ts'

import { chartOption } from './chart-option.ts'
import type { ChartProps } from './chart-props.ts'

register([
  AriaComponent,
  BarChart,
  CanvasRenderer,
  FunnelChart,
  GridComponent,
  LegendComponent,
  LineChart,
  PieChart,
  TooltipComponent,
])

export function EChart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const theme = useTheme()

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const made = init(element, null, { renderer: 'canvas' })
    chart.current = made
    const resized = new ResizeObserver(() => made.resize())
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])

  useEffect(() => {
    const style = getComputedStyle(document.documentElement)
    const option = chartOption(props, (name) => style.getPropertyValue(`--${name}`).trim())
    chart.current?.setOption(option, { notMerge: true })
  }, [props, theme])

  return (
    <div className="size-full">
      <div ref={host} role="img" aria-label={props.label} className="size-full" />
      <NumbersOf {...props} />
    </div>
  )
}

const ROWS_MAX = 60

/** The same numbers for those who hear the page. */
function NumbersOf({ label, x, time = false, series }: ChartProps) {
  const shown = x.slice(-ROWS_MAX)
  const offset = x.length - shown.length
  return (
    // A table takes the room it needs, hidden or not: the box around it does not.
    <div className="sr-only">
      <table aria-label={`${label}, as numbers`}>
        <thead>
          <tr>
            <th scope="col">{time ? 'Time' : 'Name'}</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((each, at) => (
            <tr key={at}>
              <th scope="row">{typeof each === 'number' ? new Date(each).toISOString() : each}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{values[at + offset]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
