import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { variableKeys } from './keys.ts'

export function useRemoveVariable() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (name: string) =>
      api.json<unknown>(`/v0/variables/${encodeURIComponent(name)}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: variableKeys.list(api.place) }),
  })
}
