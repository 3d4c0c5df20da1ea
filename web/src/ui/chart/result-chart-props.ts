// Which columns of a result become a picture. What is not chosen is guessed from the types.
import type { Chart as ChartSettings } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'
import { parseServerTime } from '@/lib/format.ts'

import { isNumeric, isTime } from '../cell-text.ts'
import type { ChartKind, Series } from './chart-props.ts'

/** More of either make no picture. */
const SERIES_MAX = 50
const POINTS_MAX = 5_000

export interface DrawnResult {
  kind: ChartKind
  x: readonly (string | number)[]
  time: boolean
  series: readonly Series[]
  stacked: boolean
  /** Rows that are not drawn, beyond the bounds. */
  left: number
}

type Row = Readonly<Record<string, unknown>>

/** @returns null when nothing in the result can be drawn so: no rows, or no column of numbers. */
export function resultChartProps(
  { meta, data }: { meta: readonly SqlColumn[]; data: readonly Row[] },
  { type, x, y, series, options }: ChartSettings,
): DrawnResult | null {
  if (!isKind(type) || data.length === 0) return null
  const xColumn = meta.find(({ name }) => name === x) ?? guessX(meta)
  const values = (y ?? []).length > 0 ? (y ?? []) : guessY(meta, xColumn?.name, series)
  const chosen = values.filter((name) => meta.some((each) => each.name === name))
  if (chosen.length === 0) return null
  const time = xColumn !== undefined && isTime(xColumn.type) && type !== 'pie' && type !== 'funnel'
  const rows = data.slice(0, POINTS_MAX)
  const position = (row: Row, at: number): string | number => {
    const value = xColumn === undefined ? at + 1 : row[xColumn.name]
    if (time) return parseServerTime(textOf(value))
    return textOf(value)
  }
  const split = series !== undefined && meta.some(({ name }) => name === series) ? series : null
  const drawn =
    split === null
      ? plain(rows, chosen, position)
      : pivoted(rows, { split, value: chosen[0] ?? '' }, position)
  return {
    kind: type,
    time,
    ...drawn,
    stacked: options?.['stacked'] === true,
    left: data.length - rows.length,
  }
}

/** The column that a chart stands on: the first time, else the first that is no number. */
function guessX(meta: readonly SqlColumn[]): SqlColumn | undefined {
  return (
    meta.find(({ type }) => isTime(type)) ??
    meta.find(({ type }) => !isNumeric(type)) ??
    (meta.length > 1 ? meta[0] : undefined)
  )
}

/** The one value of a `number` tile: of the chosen column, else of the first numeric one, in the last row. */
export function resultNumber(
  { meta, data }: { meta: readonly SqlColumn[]; data: readonly Row[] },
  column: string | undefined,
): { name: string; value: unknown } | null {
  const name = column ?? meta.find(({ type }) => isNumeric(type))?.name ?? meta[0]?.name
  const row = data.at(-1)
  return name === undefined || row === undefined ? null : { name, value: row[name] }
}

function guessY(
  meta: readonly SqlColumn[],
  x: string | undefined,
  series: string | undefined,
): readonly string[] {
  return meta
    .filter(({ name, type }) => isNumeric(type) && name !== x && name !== series)
    .map(({ name }) => name)
    .slice(0, SERIES_MAX)
}

function plain(
  rows: readonly Row[],
  columns: readonly string[],
  position: (row: Row, at: number) => string | number,
) {
  return {
    x: rows.map(position),
    series: columns.map((name) => ({ name, values: rows.map((row) => numberOf(row[name])) })),
  }
}

/** One line for each value of a column: rows with the same `x` stand above each other. */
function pivoted(
  rows: readonly Row[],
  { split, value }: { split: string; value: string },
  position: (row: Row, at: number) => string | number,
) {
  const x = [...new Set(rows.map(position))]
  const at = new Map(x.map((each, index) => [each, index]))
  const lines = new Map<string, (number | null)[]>()
  for (const [index, row] of rows.entries()) {
    const name = textOf(row[split])
    if (!lines.has(name) && lines.size === SERIES_MAX) continue
    const line = lines.get(name) ?? x.map(() => null)
    line[at.get(position(row, index)) ?? 0] = numberOf(row[value])
    lines.set(name, line)
  }
  return { x, series: [...lines].map(([name, values]) => ({ name, values })) }
}

function isKind(type: ChartSettings['type']): type is ChartKind {
  return ['line', 'area', 'bar', 'pie', 'funnel'].includes(type)
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
