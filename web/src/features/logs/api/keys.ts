import type { LogSelection } from './log-search.ts'

export const logKeys = {
  rows: (place: string, selection: LogSelection) => [place, 'logs', 'rows', selection] as const,
  histogram: (place: string, selection: LogSelection) =>
    [place, 'logs', 'histogram', selection] as const,
}
