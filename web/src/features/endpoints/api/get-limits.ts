import type { LimitListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { endpointKeys } from '../keys.ts'

/** What holds for requests with the caller's own token. */
const limitsQuery = (api: Api) =>
  queryOptions({
    queryKey: endpointKeys.limits(api.place),
    queryFn: ({ signal }) => api.json<LimitListBody>('/v0/limits', { signal }),
  })

export const useLimits = () => useQuery(limitsQuery(useApi()))
