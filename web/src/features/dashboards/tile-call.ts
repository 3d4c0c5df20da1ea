// What a tile asks for: its own parameters, the dashboard's, and the time range; each only where the endpoint takes one of that name.
import type { Dashboard, Tile, TimeRange } from '@sandpiper/contracts'

import type { EndpointDescription } from '@/lib/endpoints/endpoint-description.ts'
import type { ParamValues } from '@/lib/endpoints/call-endpoint.ts'

import { rangeBounds, timeText } from './time-range.ts'

/** What is chosen above the tiles. */
export interface Chosen {
  range: TimeRange
  /** Of the dashboard's parameters; one that is missing has its default. */
  values: ParamValues
}

export type TileCall =
  | { kind: 'endpoint'; pipe: string; params: Record<string, string> }
  | { kind: 'sql'; sql: string; params: Record<string, string> }

type Times = Pick<Dashboard, 'time_parameters' | 'parameters'>

/**
 * @param endpoints those that the viewer may call, with the parameters that the viewer may choose: what a JWT fixes is not among them.
 * @param now Unix milliseconds.
 */
export function tileCall(
  tile: Pick<Tile, 'source'>,
  { time_parameters: times, parameters }: Times,
  { range, values }: Chosen,
  endpoints: readonly EndpointDescription[],
  now: number,
): TileCall {
  const { source } = tile
  const bounds = rangeBounds(range, now)
  const shared = {
    ...Object.fromEntries(parameters.map((each) => [each.name, valueText(each.default)])),
    ...values,
  }
  if ('sql' in source) {
    const params = {
      [times.from]: timeText(bounds.from, 'time'),
      [times.to]: timeText(bounds.to, 'time'),
    }
    return { kind: 'sql', sql: source.sql, params: present({ ...params, ...shared }) }
  }
  const takes = endpoints.find(({ name }) => name === source.pipe)?.params ?? []
  const own = Object.entries(source.params).map(
    ([name, value]) => [name, valueText(value)] as const,
  )
  const params = new Map<string, string>(own)
  for (const { name, kind } of takes) {
    const at = name === times.from ? bounds.from : name === times.to ? bounds.to : undefined
    if (at !== undefined) params.set(name, timeText(at, kind === 'date' ? 'date' : 'time'))
    const value = shared[name]
    if (value !== undefined && value !== '') params.set(name, value)
  }
  return { kind: 'endpoint', pipe: source.pipe, params: present(Object.fromEntries(params)) }
}

/** A value of a document as it is typed. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(valueText).join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function present(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''))
}
