import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { documentKeys } from '@/lib/catalog/keys.ts'

import { queryKeys } from '../keys.ts'

export function useDeleteQuery() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      api.json(`/v0/console/queries/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: queryKeys.one(api.place, id) })
      return client.invalidateQueries({ queryKey: documentKeys.savedQueries(api.place) })
    },
  })
}
