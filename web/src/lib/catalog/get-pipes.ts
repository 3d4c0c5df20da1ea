import type { PipeListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { catalogKeys } from './keys.ts'

/** Pipes of the live deployment with their nodes. Shared: pipes, endpoints, dashboards and lineage show them. */
export const pipesQuery = (api: Api) =>
  queryOptions({
    queryKey: catalogKeys.pipes(api.place),
    queryFn: async ({ signal }) => (await api.json<PipeListBody>('/v0/pipes', { signal })).pipes,
  })

export const usePipes = () => useQuery(pipesQuery(useApi()))
