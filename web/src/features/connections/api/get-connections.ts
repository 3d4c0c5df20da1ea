import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

/** A connection of the live project. Settings that are secrets are not told. */
export interface Connection {
  id: string
  name: string
  service: string
  settings: Record<string, string>
  linkers: { datasource_id: string }[]
}

export function useConnections() {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'connections'],
    queryFn: async ({ signal }) =>
      (await api.json<{ connectors: Connection[] }>('/v0/connectors', { signal })).connectors,
  })
}
