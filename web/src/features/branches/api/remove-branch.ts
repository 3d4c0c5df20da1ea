import type { EnvironmentBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { leave } from '@/lib/session.ts'

import { placeOf } from './enter-branch.ts'
import { branchKeys } from './keys.ts'

/** Removes a branch with everything in it; its place is left. */
export function useRemoveBranch() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id }: EnvironmentBody) =>
      api.json<undefined>(`/v1/environments/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: async (_, { name }) => {
      leave(placeOf(api, name))
      await client.invalidateQueries({ queryKey: branchKeys.list(api.place) })
    },
  })
}
