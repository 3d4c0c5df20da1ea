import type { NewEnvironmentBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { branchKeys } from './keys.ts'

export function useCreateBranch() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (name: string) =>
      api.json<NewEnvironmentBody>('/v1/environments', { method: 'POST', query: { name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: branchKeys.list(api.place) }),
  })
}
