import { BarChart, FunnelChart, LineChart, PieChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { use as register } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useCallback } from 'react'

import { chartOption } from './chart-option.ts'
import type { ChartProps } from './chart-props.ts'
import { useEChart } from './use-echart.ts'
import { useTimeDrag } from './use-time-drag.ts'

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
  const { host, chart } = useEChart(useCallback((colour) => chartOption(props, colour), [props]))
  const { handlers, selected } = useTimeDrag(
    chart,
    props.time === true ? props.onSelect : undefined,
  )

  return (
    <div className="relative size-full" {...handlers}>
      <div ref={host} role="img" aria-label={props.label} className="size-full" />
      {selected === null ? null : (
        <div
          className="pointer-events-none absolute inset-y-0 border-x border-accent bg-accent-soft opacity-60"
          style={selected}
        />
      )}
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
