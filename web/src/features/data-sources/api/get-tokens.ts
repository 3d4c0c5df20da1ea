import type { TokenBody, TokenListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { dataSourceKeys } from './keys.ts'

/** Every token of the place that the caller may list. */
export function useTokens() {
  const api = useApi()
  return useQuery({
    queryKey: [...dataSourceKeys.all(api.place), 'tokens'],
    queryFn: async ({ signal }): Promise<TokenBody[]> =>
      (await api.json<TokenListBody>('/v0/tokens', { signal })).tokens,
  })
}
