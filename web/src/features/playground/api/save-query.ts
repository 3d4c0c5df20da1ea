import type { QueryDocument, SavedQuery } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { documentKeys } from '@/lib/catalog/keys.ts'

import { queryKeys } from '../keys.ts'

export interface QueryChange {
  /** null: a new one. */
  id: string | null
  /** Of the one that is changed. */
  revision: number
  content: SavedQuery
}

/** Saves under its id, or makes one. @throws ApiError 409 when somebody else changed it. */
export function useSaveQuery() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, revision, content }: QueryChange) =>
      id === null
        ? api.json<QueryDocument>('/v0/console/queries', { method: 'POST', json: { content } })
        : api.json<QueryDocument>(`/v0/console/queries/${encodeURIComponent(id)}`, {
            method: 'PUT',
            json: { revision, content },
          }),
    onSuccess: async (saved) => {
      client.setQueryData(queryKeys.one(api.place, saved.id), saved)
      await client.invalidateQueries({ queryKey: documentKeys.savedQueries(api.place) })
    },
    onError: (_, { id }) =>
      id === null
        ? undefined
        : client.invalidateQueries({ queryKey: queryKeys.one(api.place, id) }),
  })
}
