// The range that all tiles share: kept relative ('the last day') as long as nobody names two times.
import type { TimeRange } from '@sandpiper/contracts'

export const LAST_RANGES = [
  { value: '15m', label: 'Last 15 minutes' },
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 hours' },
  { value: '24h', label: 'Last day' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' },
] as const

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
}

/** `24h`, or `2026-01-01T00:00:00Z..2026-01-02T00:00:00Z`: as it stands in an address. */
export function rangeText(range: TimeRange): string {
  return 'last' in range ? range.last : `${range.from}..${range.to}`
}

/** @returns undefined for what is none. */
export function readRangeText(text: unknown): TimeRange | undefined {
  if (typeof text !== 'string') return undefined
  if (/^[1-9]\d{0,5}[smhdw]$/.test(text)) return { last: text }
  const [from = '', to = ''] = text.split('..')
  if (Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to))) return undefined
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** Unix milliseconds of both ends. */
export function rangeBounds(range: TimeRange, now: number): { from: number; to: number } {
  if (!('last' in range)) return { from: Date.parse(range.from), to: Date.parse(range.to) }
  const unit = SECONDS[range.last.slice(-1)] ?? 1
  return { from: now - Number.parseInt(range.last, 10) * unit * 1_000, to: now }
}

/** As a template's `Date` or `DateTime` reads it, in UTC. */
export function timeText(at: number, kind: 'date' | 'time'): string {
  const iso = new Date(at).toISOString()
  return kind === 'date' ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ')
}
