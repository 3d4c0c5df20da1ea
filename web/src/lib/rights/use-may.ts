import type { TokenBody } from '@sandpiper/contracts'
import { queryOptions, useQuery } from '@tanstack/react-query'

import type { Api } from '../api-client.ts'
import { useApi } from '../api-context.ts'
import { type Act, mayDo } from './rights.ts'

export const rightsKey = (place: string) => [place, 'own-token'] as const

/** What the token of this place says about itself; any token may ask. */
const ownTokenQuery = (api: Api) => {
  const id = idOf(api.token)
  return queryOptions({
    queryKey: [...rightsKey(api.place), id],
    queryFn: ({ signal }) =>
      api.json<TokenBody>(`/v0/tokens/${encodeURIComponent(id ?? '')}`, { signal }),
    enabled: id !== null,
    staleTime: 60_000,
  })
}

/**
 * Whether to show what does this. False until it is known; true where it cannot be known, since the server refuses anyway.
 * A token that was changed meanwhile is a minute late here, never there.
 */
export function useMay(): (act: Act) => boolean {
  const api = useApi()
  const { data, isPending, fetchStatus } = useQuery(ownTokenQuery(api))
  if (data !== undefined) return (act) => mayDo(data.scopes, act)
  const isComing = isPending && fetchStatus !== 'idle'
  return () => !isComing
}

/** The id of a token, which stands in its value: so that the value itself is in no address. null: it is spelled in another way. */
function idOf(token: string): string | null {
  const [, head = ''] = token.split('.')
  try {
    const said: unknown = JSON.parse(atob(head.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof said === 'object' && said !== null && 'id' in said && typeof said.id === 'string'
      ? said.id
      : null
  } catch {
    return null
  }
}
