import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'
import { ApiError } from '@/lib/api-error.ts'

export interface Health {
  status: string
  catalog: string
  engine: string
  /** Of the server; told to static tokens that it knows. */
  version?: string
}

/** How the server is. One that says it is not well answers 503, and that is an answer. */
export function useHealth() {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'health'],
    queryFn: async ({ signal }): Promise<Health> => {
      try {
        return await api.json<Health>('/v0/health', { signal })
      } catch (err) {
        if (err instanceof ApiError && isHealth(err.details.body)) return err.details.body
        throw err
      }
    },
    refetchInterval: 10_000,
  })
}

function isHealth(body: unknown): body is Health {
  return typeof body === 'object' && body !== null && 'catalog' in body && 'engine' in body
}
