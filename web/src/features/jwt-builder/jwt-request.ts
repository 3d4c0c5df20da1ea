// What is asked of the server when it signs a JWT. Nothing of it is kept: a JWT lives until its time.
import { sentParams, type ParamValues } from '@/lib/endpoints/call-endpoint.ts'

export interface EndpointRight {
  kind: 'endpoint'
  resource: string
  /** Values that win over whatever the holder sends. */
  fixed: ParamValues
}

interface DataSourceRight {
  kind: 'data source'
  resource: string
  /** A condition over its columns; empty shows every row. */
  filter: string
}

export type Right = EndpointRight | DataSourceRight

export interface JwtDraft {
  name: string
  lifetimeSeconds: number
  /** Requests a second; empty for no limit. */
  rps: string
  rights: readonly Right[]
}

export interface JwtBody {
  name: string
  scopes: {
    type: 'PIPES:READ' | 'DATASOURCES:READ'
    resource: string
    fixed_params?: Record<string, string>
    filter?: string
  }[]
  limits?: { rps: number }
}

export const LIFETIMES = [
  { seconds: 900, label: '15 minutes' },
  { seconds: 3_600, label: '1 hour' },
  { seconds: 86_400, label: '1 day' },
  { seconds: 604_800, label: '7 days' },
  { seconds: 2_592_000, label: '30 days' },
] as const

export function jwtBody({ name, rps, rights }: JwtDraft): JwtBody {
  return {
    name: name.trim(),
    scopes: rights.map((right) => {
      const { resource } = right
      if (right.kind === 'data source') {
        const filter = right.filter.trim()
        return { type: 'DATASOURCES:READ', resource, ...(filter === '' ? {} : { filter }) }
      }
      const fixed = sentParams(right.fixed)
      const isFixed = Object.keys(fixed).length > 0
      return { type: 'PIPES:READ', resource, ...(isFixed ? { fixed_params: fixed } : {}) }
    }),
    ...(rps.trim() === '' ? {} : { limits: { rps: Number(rps) } }),
  }
}

/** Why it cannot be signed yet, or null. The server judges the rest. */
export function draftProblem({ name, rps, rights }: JwtDraft): string | null {
  if (name.trim() === '') return 'Give it a name: it stands in the logs of its requests.'
  if (rights.length === 0) return 'It may do nothing yet: add an endpoint or a data source.'
  if (rps.trim() !== '' && !/^[1-9]\d{0,6}$/.test(rps.trim()))
    return 'Requests a second are a whole number from 1.'
  return null
}
