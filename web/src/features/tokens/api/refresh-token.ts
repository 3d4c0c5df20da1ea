import type { TokenBody } from '@sandpiper/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { tokenKeys } from '@/lib/catalog/keys.ts'
import { enter, signedIn } from '@/lib/session.ts'

/** Gives a token another value. Who refreshes the token they are signed in with stays signed in. */
export function useRefreshToken() {
  const api = useApi()
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (token: TokenBody) => {
      const fresh = await api.json<TokenBody>(
        `/v0/tokens/${encodeURIComponent(token.id)}/refresh`,
        { method: 'POST' },
      )
      const value = fresh.token
      if (value === undefined) return fresh
      enter(
        signedIn()
          .filter((each) => each.token === token.token)
          .map((each) => ({ ...each, token: value })),
      )
      return fresh
    },
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.list(api.place) }),
  })
}
