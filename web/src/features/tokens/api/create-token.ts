import type { TokenBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { tokenKeys } from '@/lib/catalog/keys.ts'

export interface NewToken {
  name: string
  description: string
  scopes: { type: string; resource?: string }[]
  /** By the names of docs/specs/tokens.md; empty for none. */
  limits: Record<string, number>
}

export function useCreateToken() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ limits, ...token }: NewToken) =>
      api.json<TokenBody>('/v0/tokens', {
        method: 'POST',
        json: { ...token, ...(Object.keys(limits).length === 0 ? {} : { limits }) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.list(api.place) }),
  })
}
