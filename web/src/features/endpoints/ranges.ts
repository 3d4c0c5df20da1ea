/** How far back figures of endpoints look, and how wide each point of a chart is. Rows of requests are kept 7 days. */
export const RANGES = [
  { id: '1h', label: 'Last hour', seconds: 3_600, stepSeconds: 60 },
  { id: '6h', label: 'Last 6 hours', seconds: 21_600, stepSeconds: 300 },
  { id: '24h', label: 'Last day', seconds: 86_400, stepSeconds: 900 },
  { id: '7d', label: 'Last 7 days', seconds: 604_800, stepSeconds: 7_200 },
] as const

export type RangeId = (typeof RANGES)[number]['id']
export type Range = (typeof RANGES)[number]

export function readRange(value: unknown): RangeId | undefined {
  return RANGES.find(({ id }) => id === value)?.id
}

export function rangeOf(id: RangeId | undefined): Range {
  return RANGES.find((each) => each.id === id) ?? RANGES[2]
}
