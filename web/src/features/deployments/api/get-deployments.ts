import type { DeploymentListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '@/lib/api-client.ts'
import { useApi } from '@/lib/api-context.ts'

import { isMoving } from './deployment-state.ts'
import { deploymentKeys } from './keys.ts'

/** Every deployment there was, the newest first. */
const deploymentsQuery = (api: Api) =>
  queryOptions({
    queryKey: deploymentKeys.list(api.place),
    queryFn: async ({ signal }) => {
      const query = { include_deleted: true }
      const { deployments } = await api.json<DeploymentListBody>('/v1/deployments', {
        query,
        signal,
      })
      return deployments.toSorted((a, b) => Number(b.id) - Number(a.id))
    },
    refetchInterval: ({ state }) => (state.data?.some(isMoving) === true ? 1500 : 15_000),
  })

export const useDeployments = () => useQuery(deploymentsQuery(useApi()))
