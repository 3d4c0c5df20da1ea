import type { Dashboard, Tile } from '@sandpiper/contracts'
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import type { Api, SqlResult } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'
import { endpointsOf, type OpenapiDocument } from '@/lib/endpoints/endpoint-description.ts'
import { openapiQuery } from '@/lib/endpoints/get-openapi.ts'
import { endpointPath } from '@/lib/endpoints/call-endpoint.ts'

import { dashboardKeys } from '../keys.ts'
import { type Chosen, tileCall, type TileCall } from '../tile-call.ts'

export interface TileRowsOptions {
  tile: Pick<Tile, 'source'>
  about: Pick<Dashboard, 'time_parameters' | 'parameters' | 'refresh_seconds'>
  chosen: Chosen
}

/** The rows of one tile, as of now; asked again at the dashboard's pace. Nothing is asked for a source that is not chosen yet. */
export function useTileRows({ tile, about, chosen }: TileRowsOptions) {
  const api = useApi()
  const client = useQueryClient()
  const { refresh_seconds: refresh, ...times } = about
  const callNow = callOf({ tile, about, chosen })
  return useQuery(
    queryOptions({
      queryKey: [...dashboardKeys.rows(api.place), tile.source, times, chosen] as const,
      queryFn: async ({ signal }) => {
        const document = await client.query({ ...openapiQuery(api), staleTime: 60_000 })
        return ask(api, callNow(document), signal)
      },
      enabled: 'sql' in tile.source ? tile.source.sql !== '' : tile.source.pipe !== '',
      refetchInterval: refresh === null ? false : refresh * 1_000,
      placeholderData: keepPreviousData,
    }),
  )
}

/** A relative range means the time of the asking, not of the drawing. */
function callOf({ tile, about, chosen }: TileRowsOptions): (document: OpenapiDocument) => TileCall {
  return (document) => tileCall(tile, about, chosen, endpointsOf(document), Date.now())
}

function ask(api: Api, call: TileCall, signal: AbortSignal): Promise<SqlResult> {
  if (call.kind === 'endpoint')
    return api.json(endpointPath(call.pipe, 'json'), { query: call.params, signal })
  return api.json('/v0/sql', {
    method: 'POST',
    json: { ...call.params, q: `${call.sql}\nFORMAT JSON` },
    signal,
  })
}
