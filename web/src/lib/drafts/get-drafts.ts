import type { DraftDocument } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { isForbidden } from '../api-error.ts'
import { draftKeys } from './keys.ts'

/** Edited datafiles that are not published. Who may not have drafts has none. */
const draftsQuery = (api: Api) =>
  queryOptions({
    queryKey: draftKeys.all(api.place, api.token),
    queryFn: async ({ signal }): Promise<DraftDocument[]> => {
      try {
        const { documents } = await api.json<{ documents: DraftDocument[] }>('/v0/console/drafts', {
          query: { content: true },
          signal,
        })
        return documents
      } catch (err) {
        if (isForbidden(err)) return []
        throw err
      }
    },
  })

export const useDrafts = () => useQuery(draftsQuery(useApi()))
