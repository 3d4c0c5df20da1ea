import type { TokenBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { tokenKeys } from '@/lib/catalog/keys.ts'
import { rightsKey } from '@/lib/rights/use-may.ts'

import type { NewToken } from './create-token.ts'

/** What is changed of a token; scopes and limits as a whole. Those of datafiles take limits only. */
export type TokenChange = Partial<NewToken>

export function useUpdateToken(id: string) {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: TokenChange) =>
      api.json<TokenBody>(`/v0/tokens/${encodeURIComponent(id)}`, { method: 'PUT', json: change }),
    onSuccess: async () => {
      // It may be the token that this page is signed in with.
      await client.invalidateQueries({ queryKey: rightsKey(api.place) })
      await client.invalidateQueries({ queryKey: tokenKeys.list(api.place) })
    },
  })
}
