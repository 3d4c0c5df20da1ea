// Numbers as people read them; one function per unit.
const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** 12.3K, 4.5M; below ten thousand every digit. */
export function formatCount(value: number): string {
  return Math.abs(value) < 10_000 ? plain.format(value) : compact.format(value)
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)),
  )
  return `${plain.format(bytes / 1000 ** power)} ${units[power] ?? 'B'}`
}

/** 0.4 ms, 120 ms, 2.5 s, 4 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${plain.format(seconds * 1000)} ms`
  if (seconds < 120) return `${plain.format(seconds)} s`
  if (seconds < 7200) return `${plain.format(seconds / 60)} min`
  return `${plain.format(seconds / 3600)} h`
}

export function formatPercent(ratio: number): string {
  return `${plain.format(ratio * 100)} %`
}

/** 'just now', '5 min ago', then the date. @param iso a time of the server, UTC when it names no zone. */
export function formatAgo(iso: string, now: number = Date.now()): string {
  const at = parseServerTime(iso)
  if (Number.isNaN(at)) return iso
  const seconds = (now - at) / 1000
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}

/** Milliseconds since 1970 of `2026-11-22 01:02:03.456` or an ISO time. */
export function parseServerTime(text: string): number {
  const iso = text.includes('T') ? text : text.replace(' ', 'T')
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
}
