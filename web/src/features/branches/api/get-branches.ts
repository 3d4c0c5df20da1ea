import type { EnvironmentListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { branchKeys } from './keys.ts'

/** Branches of the workspace. A branch itself knows none: then the server says so. */
const branchesQuery = (api: Api) =>
  queryOptions({
    queryKey: branchKeys.list(api.place),
    queryFn: async ({ signal }) =>
      (await api.json<EnvironmentListBody>('/v1/environments', { signal })).environments,
  })

export const useBranches = () => useQuery(branchesQuery(useApi()))
