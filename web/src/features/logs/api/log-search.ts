// What the logs show, as it stands in the address. Whatever is not understood is left out.
import { isLogSource, type LogSourceName } from './log-sources.ts'

export const LOG_RANGES = {
  '15m': { label: 'Last 15 minutes', seconds: 900 },
  '1h': { label: 'Last hour', seconds: 3600 },
  '24h': { label: 'Last 24 hours', seconds: 86_400 },
  '7d': { label: 'Last 7 days', seconds: 604_800 },
  '30d': { label: 'Last 30 days', seconds: 2_592_000 },
} as const

export type LogRange = keyof typeof LOG_RANGES

export const FILTER_OPS = ['is', 'is not', 'contains', 'at least', 'at most'] as const

export interface LogFilter {
  column: string
  op: (typeof FILTER_OPS)[number]
  value: string
}

export interface LogSearch {
  source?: LogSourceName
  range?: LogRange
  /** `2026-11-22T01:00`, UTC; instead of a range. */
  from?: string
  to?: string
  failed?: boolean
  q?: string
  filters?: LogFilter[]
  live?: boolean
  /** Key of the row whose detail is open. */
  row?: string
}

/** Everything that decides which rows are shown. */
export interface LogSelection {
  source: LogSourceName
  /** Unix seconds, or how many seconds back. */
  span: { seconds: number } | { from: number; to: number }
  failed: boolean
  q: string
  filters: readonly LogFilter[]
}

const FILTERS_MAX = 10
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/

export function readLogSearch(search: Record<string, unknown>): LogSearch {
  const { source, range, from, to, failed, q, filters, live, row } = search
  const read = Array.isArray(filters) ? filters.filter(isFilter).slice(0, FILTERS_MAX) : []
  return {
    ...(isLogSource(source) ? { source } : {}),
    ...(isRange(range) ? { range } : {}),
    ...(isTime(from) ? { from } : {}),
    ...(isTime(to) ? { to } : {}),
    ...(failed === true ? { failed } : {}),
    // A search for digits comes as a number out of the address.
    ...(typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}),
    ...(read.length === 0 ? {} : { filters: read }),
    ...(live === true ? { live } : {}),
    ...(typeof row === 'string' || typeof row === 'number' ? { row: String(row) } : {}),
  }
}

export function selectionOf(search: LogSearch): LogSelection {
  const { source = 'datasources_ops_log', range = '24h', from, to, filters = [] } = search
  return {
    source,
    span:
      from === undefined || to === undefined
        ? { seconds: LOG_RANGES[range].seconds }
        : { from: secondsOf(from), to: secondsOf(to) },
    failed: search.failed === true,
    q: search.q ?? '',
    filters,
  }
}

/** A span of times in ms as the address has it, widened to whole bars. */
export function spanSearch(
  fromMs: number,
  toMs: number,
  barMs: number,
): { from: string; to: string } {
  const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19)
  return {
    from: text(Math.floor(fromMs / barMs) * barMs),
    to: text(Math.ceil(toMs / barMs) * barMs),
  }
}

function secondsOf(text: string): number {
  return Math.floor(Date.parse(`${text}Z`) / 1000)
}

function isRange(value: unknown): value is LogRange {
  return typeof value === 'string' && Object.hasOwn(LOG_RANGES, value)
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(`${value}Z`))
}

function isFilter(value: unknown): value is LogFilter {
  if (typeof value !== 'object' || value === null) return false
  const { column, op, value: wanted } = value as Record<string, unknown>
  return (
    typeof column === 'string' &&
    typeof wanted === 'string' &&
    FILTER_OPS.some((each) => each === op)
  )
}
