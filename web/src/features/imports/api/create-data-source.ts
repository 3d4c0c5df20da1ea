import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { catalogKeys } from '@/lib/catalog/keys.ts'

import { engineSettings, type SchemaDraft, schemaText } from '../schema-draft.ts'

/** Makes a deployment of the live project and this data source; the server refuses what is wrong and then nothing has changed. */
export function useCreateDataSource() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (draft: SchemaDraft) =>
      api.json<{ datasource: { id: string; name: string } }>('/v0/datasources', {
        method: 'POST',
        body: new URLSearchParams({
          name: draft.name,
          mode: 'create',
          schema: schemaText(draft),
          ...engineSettings(draft),
        }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: catalogKeys.all(api.place) }),
  })
}
