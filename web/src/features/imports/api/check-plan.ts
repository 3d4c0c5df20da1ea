import type { DeployBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { datafileText, problemsOf, type SchemaDraft } from '../schema-draft.ts'

/** What a deployment of the live project with this data source would do. Makes nothing. */
export function useCheckedPlan(draft: SchemaDraft) {
  const api = useApi()
  const { name } = draft
  const text = datafileText(draft)
  return useQuery({
    queryKey: [api.place, 'plan', name, text],
    queryFn: ({ signal }) => {
      const body = new FormData()
      body.append('data_project://', new Blob([text]), `${name}.datasource`)
      return api.json<DeployBody>('/v1/deploy', {
        method: 'POST',
        query: { onto: 'live', check: true },
        body,
        signal,
      })
    },
    enabled: problemsOf(draft).length === 0,
    retry: false,
    staleTime: 30_000,
  })
}
