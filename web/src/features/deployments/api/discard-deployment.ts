import type { DeployBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { deploymentKeys } from './keys.ts'

/** Removes a staged or failed deployment with what was made for it. What is live stays as it is. */
export function useDiscardDeployment() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      api.json<DeployBody>(`/v1/deployments/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: deploymentKeys.all(api.place) }),
  })
}
