import type { ConsoleOverview } from '@sandpiper/contracts'
import { useQuery } from '@tanstack/react-query'

import { useApi } from '@/lib/api-context.ts'

import { overviewKeys } from './keys.ts'

/** What comes in now, from the server's memory: it may be asked often. */
const EVERY_MS = 2000

export function usePulse() {
  const api = useApi()
  return useQuery({
    queryKey: overviewKeys.pulse(api.place),
    queryFn: ({ signal }) => api.json<ConsoleOverview>('/v0/console/overview', { signal }),
    refetchInterval: EVERY_MS,
  })
}
