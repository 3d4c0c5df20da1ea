import type { EChartsCoreOption } from 'echarts/core'

import type { ChartProps } from './chart-props.ts'

/** Told apart by people who see fewer colours too: they differ in lightness. */
const PALETTE = [
  '#0d9488',
  '#d97706',
  '#4f46e5',
  '#db2777',
  '#65a30d',
  '#0284c7',
  '#9333ea',
  '#78716c',
]

/** What the library draws. @param colour looks up one of the page's colours by role. */
export function chartOption(
  props: ChartProps,
  colour: (role: string) => string,
): EChartsCoreOption {
  const format = props.format ?? ((value: number) => new Intl.NumberFormat('en').format(value))
  return {
    animation: false,
    color: PALETTE,
    textStyle: { color: colour('muted'), fontFamily: 'system-ui, sans-serif' },
    aria: { enabled: false },
    ...(props.bare === true ? {} : { tooltip: tooltip(props, colour, format) }),
    ...(props.kind === 'pie' || props.kind === 'funnel'
      ? parts(props, colour)
      : axes(props, colour, format)),
  }
}

/** Drawn on the canvas: names of events never become elements of the page. */
function tooltip(
  { kind }: ChartProps,
  colour: (role: string) => string,
  format: (value: number) => string,
) {
  return {
    renderMode: 'richText',
    confine: true,
    trigger: kind === 'pie' || kind === 'funnel' ? 'item' : 'axis',
    backgroundColor: colour('surface'),
    borderColor: colour('line'),
    textStyle: { color: colour('ink'), fontSize: 12 },
    valueFormatter: (value: unknown) => (typeof value === 'number' ? format(value) : ''),
  }
}

function axes(
  { kind, x, time = false, series, stacked = false, bare = false }: ChartProps,
  colour: (role: string) => string,
  format: (value: number) => string,
) {
  const line = { lineStyle: { color: colour('line') } }
  return {
    grid: bare
      ? { left: 0, right: 0, top: 2, bottom: 2 }
      : { left: 8, right: 12, top: series.length > 1 ? 32 : 12, bottom: 4, containLabel: true },
    ...(series.length > 1 && !bare ? { legend: legend(colour) } : {}),
    xAxis: {
      type: time ? 'time' : 'category',
      show: !bare,
      axisLine: line,
      axisLabel: { color: colour('muted'), hideOverlap: true },
      ...(time ? {} : { data: x.map(String) }),
      ...(time ? {} : { boundaryGap: kind === 'bar' }),
    },
    yAxis: {
      type: 'value',
      show: !bare,
      splitLine: line,
      axisLabel: { color: colour('muted'), formatter: format },
    },
    series: series.map(({ name, values }) => ({
      name,
      type: kind === 'bar' ? 'bar' : 'line',
      data: time ? values.map((value, at) => [x[at], value]) : [...values],
      // A point between two gaps has no line to be seen by.
      showSymbol: hasLonePoint(values),
      symbolSize: 5,
      lineStyle: { width: bare ? 1.5 : 2 },
      barMaxWidth: 40,
      ...(kind === 'area' ? { areaStyle: { opacity: 0.2 } } : {}),
      ...(stacked ? { stack: 'all' } : {}),
    })),
  }
}

function hasLonePoint(values: readonly (number | null)[]): boolean {
  return values.some(
    (value, at) =>
      value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null,
  )
}

function parts({ kind, x, series }: ChartProps, colour: (role: string) => string) {
  const [first] = series
  return {
    legend: legend(colour),
    series: [
      {
        name: first?.name ?? '',
        type: kind,
        top: 36,
        ...(kind === 'pie' ? { radius: ['45%', '75%'] } : { left: 8, right: 8, bottom: 8 }),
        label: { show: kind === 'funnel', position: 'inside', color: '#ffffff' },
        itemStyle: { borderWidth: 0 },
        data: x.map((name, at) => ({ name: String(name), value: first?.values[at] ?? 0 })),
      },
    ],
  }
}

function legend(colour: (role: string) => string) {
  return { type: 'scroll', top: 0, textStyle: { color: colour('muted') }, icon: 'roundRect' }
}
