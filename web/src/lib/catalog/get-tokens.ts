import type { TokenListBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { tokenKeys } from './keys.ts'

/** Tokens of the workspace, with the values that the caller may see. Shared: snippets name the right one. Needs ADMIN or TOKENS. */
const tokensQuery = (api: Api) =>
  queryOptions({
    queryKey: tokenKeys.list(api.place),
    queryFn: async ({ signal }) => (await api.json<TokenListBody>('/v0/tokens', { signal })).tokens,
  })

export const useTokens = () => useQuery(tokensQuery(useApi()))
