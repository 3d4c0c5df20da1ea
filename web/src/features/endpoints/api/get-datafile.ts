import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { endpointKeys } from '../keys.ts'

/** The pipe as the live deployment has it, as text. */
const datafileQuery = (api: Api, pipe: string) =>
  queryOptions({
    queryKey: endpointKeys.datafile(api.place, pipe),
    queryFn: ({ signal }) => api.text(`/v0/pipes/${encodeURIComponent(pipe)}.pipe`, { signal }),
  })

export const useDatafile = (pipe: string) => useQuery(datafileQuery(useApi(), pipe))
