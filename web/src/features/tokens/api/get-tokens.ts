import type { TokenListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { tokenKeys } from './keys.ts'

export function useTokens() {
  const api = useApi()
  return useQuery({
    queryKey: tokenKeys.list(api.place),
    queryFn: async ({ signal }) => (await api.json<TokenListBody>('/v0/tokens', { signal })).tokens,
  })
}
