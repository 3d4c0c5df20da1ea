import type { Chart as ChartSettings } from '@sandpiper/contracts'

import type { SqlColumn } from '@/lib/api-client.ts'

export interface CountryMapProps {
  /** What the map shows, for screen readers. */
  label: string
  result: { meta: readonly SqlColumn[]; data: readonly Readonly<Record<string, unknown>>[] }
  chart: ChartSettings
  heightPx: number
}
