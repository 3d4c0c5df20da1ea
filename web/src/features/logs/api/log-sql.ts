// The SQL behind the logs. Names are quoted, values are literals: an address may hold anything.
import { quoteName, quoteText } from '@/lib/sql-text.ts'

import type { LogFilter, LogSelection } from './log-search.ts'
import { logSource } from './log-sources.ts'

export const PAGE_ROWS = 100

/** Where a page begins. `until` keeps later pages on the rows that were there when the first one was read. */
export interface PageStart {
  offset: number
  /** Time of the newest row of the first page, as the server wrote it; null on the first page. */
  until: string | null
}

export function rowsSql(selection: LogSelection, { offset, until }: PageStart): string {
  const { time, select = '*' } = logSource(selection.source)
  const bound = until === null ? '' : ` AND ${quoteName(time)} <= ${quoteText(until)}`
  return `SELECT ${select} FROM tinybird.${selection.source} WHERE ${conditionOf(selection)}${bound} ORDER BY ${quoteName(time)} DESC LIMIT ${PAGE_ROWS} OFFSET ${offset}`
}

export function histogramSql(selection: LogSelection): string {
  const { time, failed } = logSource(selection.source)
  const bucket = bucketSecondsOf(selection)
  const at = `toUnixTimestamp(toStartOfInterval(toDateTime(${quoteName(time)}), INTERVAL ${bucket} SECOND))`
  return `SELECT ${at} AS at, countIf(NOT (${failed ?? '0'})) AS ok, countIf(${failed ?? '0'}) AS failed FROM tinybird.${selection.source} WHERE ${conditionOf(selection)} GROUP BY at ORDER BY at`
}

const BUCKETS_MAX = 60
const BUCKETS_SECONDS = [10, 30, 60, 300, 900, 1800, 3600, 10_800, 43_200, 86_400]

/** Seconds of one bar: round ones, so that a span has some sixty bars at most; days for what is counted by day. */
export function bucketSecondsOf({ source, span }: LogSelection): number {
  if (source === 'pipe_stats') return 86_400
  const seconds = 'seconds' in span ? span.seconds : span.to - span.from
  return BUCKETS_SECONDS.find((each) => seconds / each <= BUCKETS_MAX) ?? 86_400
}

function conditionOf(selection: LogSelection): string {
  const { failed, searched } = logSource(selection.source)
  const q = selection.q.trim()
  return [
    ...spanOf(selection),
    ...(selection.failed && failed !== null ? [failed] : []),
    ...(q === '' ? [] : [`(${searched.map((name) => contains(name, q)).join(' OR ')})`]),
    ...selection.filters.map(filterSql),
  ].join(' AND ')
}

function spanOf({ source, span }: LogSelection): string[] {
  const time = quoteName(logSource(source).time)
  // A day's row counts when any of the day does.
  const start = (seconds: string): string =>
    source === 'pipe_stats' ? `toDate(${seconds})` : seconds
  if ('seconds' in span) return [`${time} >= ${start(`now() - ${span.seconds}`)}`]
  return [
    `${time} >= ${start(`fromUnixTimestamp(${span.from})`)}`,
    `${time} < fromUnixTimestamp(${span.to})`,
  ]
}

function filterSql({ column, op, value }: LogFilter): string {
  const name = quoteName(column)
  const text = `ifNull(toString(${name}), '')`
  if (op === 'contains') return contains(column, value)
  if (op === 'is') return `${text} = ${quoteText(value)}`
  if (op === 'is not') return `${text} != ${quoteText(value)}`
  const sign = op === 'at least' ? '>=' : '<='
  const number = Number(value)
  return value.trim() !== '' && Number.isFinite(number)
    ? `ifNull(toFloat64OrNull(toString(${name})), 0) ${sign} ${number}`
    : `${text} ${sign} ${quoteText(value)}`
}

function contains(column: string, value: string): string {
  return `positionCaseInsensitive(ifNull(toString(${quoteName(column)}), ''), ${quoteText(value)}) > 0`
}
