export type ChartKind = 'line' | 'area' | 'bar' | 'pie' | 'funnel'

export interface Series {
  name: string
  /** One for each of the chart's `x`; null leaves a gap. */
  values: readonly (number | null)[]
}

export interface ChartProps {
  /** What the chart shows, for screen readers. */
  label: string
  kind: ChartKind
  /** Categories, or times in ms since 1970 when `time` is true. */
  x: readonly (string | number)[]
  time?: boolean
  series: readonly Series[]
  stacked?: boolean
  /** Without axes: a sparkline. */
  bare?: boolean
  /** Called with two times in ms when somebody drags over a chart of times. There must be another way to choose them, without dragging. */
  onSelect?: (fromMs: number, toMs: number) => void
  /** How values are written at the axis and in the tooltip. */
  format?: (value: number) => string
  heightPx?: number
}
