import { useMutation } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { jwtBody, type JwtDraft } from '../jwt-request.ts'

export interface SignedJwt {
  token: string
  /** Unix seconds. */
  expiresAt: number
  draft: JwtDraft
}

/** Signs on the server, with the workspace's own key. Nothing is stored, so nothing goes stale. */
export function useSignJwt() {
  const api = useApi()
  return useMutation({
    mutationFn: async (draft: JwtDraft): Promise<SignedJwt> => {
      const expiresAt = Math.floor(Date.now() / 1_000) + draft.lifetimeSeconds
      const { token } = await api.json<{ token: string }>('/v0/tokens', {
        method: 'POST',
        query: { expiration_time: expiresAt },
        json: jwtBody(draft),
      })
      return { token, expiresAt, draft }
    },
  })
}
