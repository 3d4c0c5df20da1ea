import type { LimitListBody } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from './api-context.ts'

/** What queries of this token may take, and who said so. */
export function useLimits() {
  const api = useApi()
  return useQuery({
    queryKey: [api.place, 'limits'],
    queryFn: ({ signal }) => api.json<LimitListBody>('/v0/limits', { signal }),
  })
}
