import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { catalogKeys } from '../catalog/keys.ts'
import type { OpenapiDocument } from './endpoint-description.ts'

/** The endpoints that the token may call. Below the catalog's keys: a promotion changes it. */
export const openapiQuery = (api: Api) =>
  queryOptions({
    queryKey: [...catalogKeys.all(api.place), 'openapi', api.token],
    queryFn: ({ signal }) => api.json<OpenapiDocument>('/v0/pipes/openapi.json', { signal }),
  })

export const useOpenapi = () => useQuery(openapiQuery(useApi()))
