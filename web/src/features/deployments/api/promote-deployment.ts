import type { DeployBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { catalogKeys } from '@/lib/catalog/keys.ts'

import { deploymentKeys } from './keys.ts'

/** Makes a staged deployment live; what the catalog holds is another after it. */
export function usePromoteDeployment() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      api.json<DeployBody>(`/v1/deployments/${encodeURIComponent(id)}/set-live`, {
        method: 'POST',
      }),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: deploymentKeys.all(api.place) })
      await client.invalidateQueries({ queryKey: catalogKeys.all(api.place) })
    },
  })
}
