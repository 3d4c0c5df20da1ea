import { MapChart } from 'echarts/charts'
import { TooltipComponent, VisualMapComponent } from 'echarts/components'
import { type EChartsCoreOption, registerMap, use as register } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useCallback, useMemo } from 'react'

import { formatCount } from '@/lib/format.ts'

import { ResultGrid } from '../result-grid.tsx'
import { type CountryRows, countryRows } from './country-rows.ts'
import type { CountryMapProps } from './map-props.ts'
import { useEChart } from './use-echart.ts'
import { CODE_BY_NAME, NAME_BY_CODE, WORLD } from './world.ts'

register([CanvasRenderer, MapChart, TooltipComponent, VisualMapComponent])
// Only polygons are in it, which the types of neither library can tell.
registerMap('world', WORLD as never)

const OTHERS_PX = 110

export function WorldMap({ label, result, chart, heightPx }: CountryMapProps) {
  const rows = useMemo(() => countryRows(result, chart, CODE_BY_NAME), [result, chart])
  if (rows === null)
    return (
      <p className="p-3 text-sm text-muted">
        {result.data.length === 0 ? 'No rows.' : 'Nothing to draw: no column of numbers.'}
      </p>
    )
  if (rows.countries.size === 0)
    return (
      <>
        <p className="pb-1 text-xs text-muted">No row names a country, so they are listed.</p>
        <ResultGrid
          label={label}
          columns={result.meta}
          rows={result.data}
          heightPx={heightPx - 20}
        />
      </>
    )
  const { others } = rows
  return (
    <>
      <Drawn label={label} rows={rows} heightPx={heightPx - (others.length > 0 ? OTHERS_PX : 0)} />
      {others.length === 0 ? null : (
        <div className="flex flex-col">
          <p className="pb-1 text-xs text-muted">Not on the map</p>
          <ResultGrid
            label={`${label}, not on the map`}
            columns={[
              { name: 'name', type: 'String' },
              { name: rows.value, type: 'Float64' },
            ]}
            rows={others.map(({ name, value }) => ({ name, [rows.value]: value }))}
            heightPx={OTHERS_PX - 20}
          />
        </div>
      )}
    </>
  )
}

function Drawn({ label, rows, heightPx }: { label: string; rows: CountryRows; heightPx: number }) {
  const { host } = useEChart(useCallback((colour) => mapOption(rows, colour), [rows]))
  const sorted = [...rows.countries].sort(([, a], [, b]) => b - a)
  return (
    <div style={{ height: heightPx }} className="relative w-full min-w-0">
      <div ref={host} role="img" aria-label={label} className="size-full" />
      <div className="sr-only">
        <table aria-label={`${label}, as numbers`}>
          <thead>
            <tr>
              <th scope="col">Country</th>
              <th scope="col">{rows.value}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map(([code, value]) => (
              <tr key={code}>
                <th scope="row">{NAME_BY_CODE.get(code)}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function mapOption(
  { countries, value }: CountryRows,
  colour: (role: string) => string,
): EChartsCoreOption {
  const values = [...countries.values()]
  const [min, max] = [Math.min(0, ...values), Math.max(...values)]
  return {
    animation: false,
    tooltip: {
      renderMode: 'richText',
      confine: true,
      trigger: 'item',
      backgroundColor: colour('surface'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontSize: 12 },
      formatter: ({ name, value: each }: { name: string; value: unknown }) =>
        `${NAME_BY_CODE.get(name) ?? name}\n${typeof each === 'number' && !Number.isNaN(each) ? `${value}: ${formatCount(each)}` : 'no rows'}`,
    },
    visualMap: {
      ...{ type: 'continuous', min, max: max > min ? max : min + 1, calculable: false },
      ...{ left: 4, bottom: 4, itemWidth: 10, itemHeight: 60 },
      text: [formatCount(max), formatCount(min)],
      textStyle: { color: colour('muted') },
      inRange: { color: [colour('accent-soft'), colour('accent')] },
    },
    series: [
      {
        ...{ type: 'map', map: 'world', roam: false, selectedMode: false },
        ...{ left: 4, right: 4, top: 4, bottom: 4 },
        // The Antarctic has no rows.
        boundingCoords: [
          [-180, 84],
          [180, -58],
        ],
        label: { show: false },
        itemStyle: { areaColor: colour('raised'), borderColor: colour('line'), borderWidth: 0.5 },
        emphasis: { label: { show: false }, itemStyle: { areaColor: colour('warn-soft') } },
        data: [...countries].map(([name, each]) => ({ name, value: each })),
      },
    ],
  }
}
